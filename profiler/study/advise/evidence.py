"""What a recommendation rests on, and a finished study as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run.records import read_recorded
from profiler.spec.workload import Arrivals
from profiler.study.cells import key_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.spec.inputs import Lengths
    from profiler.study.advise.candidates import Candidate
    from profiler.study.cells import Group
    from profiler.study.results import Cell, StudyResults


@dataclass(frozen=True, slots=True)
class Grounds:
    """What was measured, and with what."""

    cells: tuple[Cell, ...]
    """Of the studies that decide: the load that is asked for, and others."""
    studies: tuple[str, ...]
    """Ids, in order."""
    ort_version: str
    screened: tuple[Candidate, ...] = ()
    """What a first look left out."""


def of_study(results: StudyResults) -> Grounds:
    """Return a study that was run as evidence."""
    return Grounds(results.cells, (results.directory.study_id,), results.record.ort_version)


def pick_group(
    cells: Iterable[Cell],
    *,
    model: str | None = None,
    cpus: float | None = None,
    rate: float | None = None,
    arrivals: Arrivals | None = None,
    tokens: Lengths | None = None,
) -> Group:
    """Return the one model, length, limit and load of a study that options leave; None leaves a choice open.

    Where closed arrivals stand beside others, they are another load to look at, unless asked for.
    `UsageError` where none is left, or several.
    """
    groups = list(dict.fromkeys(cell.key.group for cell in cells))
    left = [
        group
        for group in groups
        if model in {None, group.model}
        and (cpus is None or (group.limit is not None and group.limit.cpus == cpus))
        and rate in {None, group.rate}
        and arrivals in {None, group.arrivals}
        and (tokens is None or group.tokens == key_words(tokens))
    ]
    if arrivals is None and any(group.arrivals is not Arrivals.CLOSED for group in left):
        left = [group for group in left if group.arrivals is not Arrivals.CLOSED]
    if len(left) == 1:
        return left[0]
    known = "; ".join(group.words for group in left or groups)
    if not left:
        raise UsageError("the study has nothing of what is asked for", hint=f"it has: {known}")
    raise UsageError(
        "the study holds several models, lengths, limits or loads",
        hint=f"choose by --model, --tokens, --cpus, --rate: {known}",
    )


def pool_threads(cells: Sequence[Cell]) -> dict[str, int]:
    """Return how many threads compute, by label, where a configuration leaves that to ONNX Runtime."""
    candidates = {}
    for cell in cells:
        if not cell.configuration.threads and cell.measured:
            cpus = read_recorded(cell.measured[0].run).manifest.cpus
            candidates[cell.key.configuration] = 1 if cpus is None else cpus.threads
    return candidates
