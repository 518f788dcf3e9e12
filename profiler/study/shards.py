"""A study in parts, each run on a machine or in a batch job of its own, and made one again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler.errors import UsageError
from profiler.study.study_record import ScheduledRun, Shard, State, StudyCell, StudyRecord

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class MergedShards:
    """Several shards' records as one."""

    record: StudyRecord
    """What it is to become; runs that no shard has done are planned."""
    sources: dict[int, int]
    """Position in the schedule of each run that is done, and which of the records has it."""


def parse_shard(text: str) -> Shard:
    """Return the shard that `I/N` names; `UsageError` for anything else."""
    number, slash, of = text.partition("/")
    if slash and all(part.isascii() and part.isdigit() and len(part) <= 6 for part in (number, of)):  # noqa: PLR2004  digits
        shard = Shard(int(number), int(of))
        if 1 <= shard.number <= shard.of:
            return shard
    raise UsageError(f"--shard {text}: I/N, where I is 1 to N", hint="for example --shard 1/3, 2/3 and 3/3")


def only_shard(planned: StudyRecord, shard: Shard) -> StudyRecord:
    """Return a planned study of which all runs but a shard's are `elsewhere`.

    Whole rounds stay together where there are at least as many as shards: in each, every cell is run on the
    same machine, so that cells are compared under the same conditions (see `plan.make_schedule`). Else the
    runs are dealt out one by one. `UsageError` where nothing is left for the shard.
    """
    rounds = 1 + max((run.round for run in planned.schedule), default=-1)
    schedule = [
        run
        if (run.round if rounds >= shard.of else position) % shard.of == shard.number - 1
        else _elsewhere(run)
        for position, run in enumerate(planned.schedule)
    ]
    part = msgspec.structs.replace(planned, schedule=schedule, shard=shard)
    if not part.mine:
        raise UsageError(
            f"--shard {shard}: the study has {len(planned.schedule)} runs, so nothing is left for this shard",
            hint="choose fewer shards, or more --repeat",
        )
    return part


def _elsewhere(run: ScheduledRun) -> ScheduledRun:
    return ScheduledRun(cell=run.cell, round=run.round, state=State.ELSEWHERE)


def merge(records: Sequence[StudyRecord]) -> MergedShards:
    """Return several records of one study as one: each run from a record that has done it.

    Where two have done the same run, the one whose directory's name comes first counts, so that the order
    of the records changes nothing. `UsageError` where the records are of different studies.
    """
    first = records[0]
    for number, record in enumerate(records[1:], 2):
        if why := another(first, record):
            raise UsageError(f"number {number} is not of the same study as the first: {why}")
    schedule: list[ScheduledRun] = []
    sources: dict[int, int] = {}
    for position, versions in enumerate(zip(*(record.schedule for record in records), strict=True)):
        best, source = min((_rank(run), source) for source, run in enumerate(versions))
        run = versions[source]
        if run.state is State.DONE:
            sources[position] = source
        elif best[0] > _RANKS.index(State.REFUSED):
            run = ScheduledRun(cell=run.cell, round=run.round)
        schedule.append(run)
    return MergedShards(
        msgspec.structs.replace(
            first,
            created=min(record.created for record in records),
            schedule=schedule,
            startup={model: cost for record in reversed(records) for model, cost in record.startup.items()},
            shard=None,
        ),
        sources,
    )


_RANKS = (State.DONE, State.FAILED, State.REFUSED, State.PLANNED, State.RUNNING, State.ELSEWHERE)
"""What is known of a run, the most first."""


def _rank(run: ScheduledRun) -> tuple[int, str]:
    return _RANKS.index(run.state), run.run_id


def another(record: StudyRecord, other: StudyRecord) -> str:
    """Return what makes `other` another study than `one`, wherever they ran; empty where nothing does."""
    if record.study.definition != other.study.definition:
        return "its definition is another"
    if list(map(_portable, record.cells)) != list(map(_portable, other.cells)):
        return "a model or a configuration has changed"
    if record.ort_version != other.ort_version:
        return f"it ran ONNX Runtime {other.ort_version}, not {record.ort_version}"
    if [(run.cell, run.round) for run in record.schedule] != [
        (run.cell, run.round) for run in other.schedule
    ]:
        return "its schedule is another"
    return ""


def _portable(cell: StudyCell) -> StudyCell:
    """Return a cell without the place of its model's file, which each machine has its own of."""
    return msgspec.structs.replace(cell, workload=msgspec.structs.replace(cell.workload, model_path=""))
