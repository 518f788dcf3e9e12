"""The schedule of a study's cells, each run of it as a workload, and how long it will take. Pure."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec

from profiler.errors import UsageError
from profiler.study.study_record import ScheduledRun, State, StudyCell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from profiler.spec.workload import Workload
    from profiler.study.study_record import Startup, StudyRecord

MOST_RUNS = 100_000
"""Of a study: at one a second they take a day and more."""
ANALYSIS_SECONDS = 0.5
"""Analysing and rendering a run that was only measured."""
ANALYSIS_SHARE = 0.8
"""Of the profile's seconds, what analysing a recording takes: perf script is most of it. Both are first
guesses, which `seconds_left` corrects by what the first runs took."""


def require_runs(count: int) -> None:
    """Refuse a study of more runs than anybody can wait for."""
    if count > MOST_RUNS:
        raise UsageError(
            f"the study has more than {MOST_RUNS:,} runs", hint="shorten its lists, or repeat each less often"
        )


def make_schedule(repeats: Sequence[int], seed: int) -> list[ScheduledRun]:
    """Return the order of runs for cells that are repeated so often.

    Round after round, each cell once a round as long as it has repeats left, in an order that is shuffled
    anew in each round: what happens to the machine meanwhile hits all cells alike (randomised complete
    blocks; Montgomery, Design and Analysis of Experiments, chapter 4). `UsageError` as `require_runs`.
    """
    require_runs(sum(repeats))
    generator = random.Random(seed)  # noqa: S311 - an order, not a secret
    schedule = []
    for number in range(max(repeats, default=0)):
        cells = [cell for cell, repeat in enumerate(repeats) if repeat > number]
        generator.shuffle(cells)
        schedule += [ScheduledRun(cell=cell, round=number) for cell in cells]
    return schedule


def of_round(workload: Workload, number: int, *, profiles: bool) -> Workload:
    """Return a cell's workload as a round runs it: each with arrivals and inputs of its own."""
    beside = tuple(
        msgspec.structs.replace(session, seed=session.seed + number) for session in workload.beside
    )
    return msgspec.structs.replace(
        workload,
        seed=workload.seed + number,
        beside=beside,
        profile_seconds=workload.profile_seconds if profiles else 0.0,
    )


def estimate_seconds(cell: StudyCell, startup: Startup | None, *, profiles: bool) -> float:
    """Return how long a run of a cell should take, start-up and analysis included.

    Under a limit the start-up takes at least its CPU time over the limit, for the limit holds from the
    first instruction on.
    """
    workload = cell.workload
    seconds = workload.warmup_seconds + workload.measure_seconds + ANALYSIS_SECONDS
    if profiles:
        seconds += workload.profile_seconds * (1 + ANALYSIS_SHARE)
    if startup is not None:
        cpus = cell.limit.cpus if cell.limit is not None else float("inf")
        seconds += max(startup.seconds, startup.cpu_seconds / cpus)
    return seconds


def is_profiled(record: StudyRecord, run: ScheduledRun) -> bool:
    """Whether a run's cell has its profile, or will have it from the shard with the cell's first run."""
    return any(
        (other.state is State.DONE and other.profiled)
        or (other.state is State.ELSEWHERE and other.round < run.round)
        for other in record.schedule
        if other.cell == run.cell
    )


def seconds_left(record: StudyRecord) -> float:
    """Return how long the runs to come should take.

    What runs took so far over what was estimated for them corrects the estimate.
    """
    profiled = {run.cell for run in record.schedule if run.state is State.DONE and run.profiled}
    estimated, took, left = 0.0, 0.0, 0.0
    for run in record.schedule:
        cell = record.cells[run.cell]
        startup = record.startup.get(cell.workload.model)
        if run.state is State.DONE and run.seconds is not None:
            estimated += estimate_seconds(cell, startup, profiles=run.profiled)
            took += run.seconds
        elif run.state in (State.PLANNED, State.RUNNING):
            profiles = bool(cell.workload.profile_seconds) and run.cell not in profiled
            profiles = profiles and not is_profiled(record, run)
            profiled.add(run.cell)
            left += estimate_seconds(cell, startup, profiles=profiles)
    return left * (took / estimated if took else 1.0)


def refuse(schedule: Iterable[ScheduledRun], refusals: Mapping[int, str]) -> list[ScheduledRun]:
    """Return the schedule with the runs of refused cells marked; `refusals` holds why, by cell."""
    return [
        ScheduledRun(cell=run.cell, round=run.round, state=State.REFUSED, why=refusals[run.cell])
        if run.cell in refusals
        else run
        for run in schedule
    ]
