"""The two sides of a comparison, read from their directories: single runs, or cells of one study."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from profiler.attribution.analyse import analyse
from profiler.errors import UsageError
from profiler.run import runs
from profiler.run.manifest import read_manifest
from profiler.run.records import read_recorded
from profiler.study.compare.comparable import refuse_nonsense, side_labels
from profiler.study.measured import PHASE, Measured, measured_of
from profiler.study.repeats import repeats_of
from profiler.study.results import Cell, StudyResults, read_results
from profiler.study.variation import run_variation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory
    from profiler.study.variation import RunVariation


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    label: str
    """What tells it from the other side, in a few words."""
    run: RunDirectory
    analysis: Analysis
    """Of its run; in a study, of the repeat that was profiled."""
    measured: tuple[Measured, ...]
    """One a repeat, paired by place with the other side's; empty when nothing was measured."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared: `after` against `before`."""

    before: Side
    after: Side
    study: str | None = None
    """The study that both belong to, whose repeats are used; None for two single runs."""
    variation: RunVariation | None = None
    """How much single runs vary; None where repeats tell."""

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both, `before` first."""
        return self.before, self.after


def read_pair(before: str, after: str, reports: Path, say: Callable[[str], None]) -> Pair:
    """Find, read and analyse two runs by id, directory or configuration name.

    Where both belong to one study, all repeats of their cells are used. `UsageError` where a name means no
    run, files are damaged, or the two can't sensibly be compared.
    """
    folder = reports / "runs" if runs.is_study(reports) else reports
    one, other = _meant(*(runs.candidates(name, folder) for name in (before, after)))
    if one.path.resolve() == other.path.resolve():
        raise UsageError(
            f"{before} and {after} are the same run, {one.run_id}", hint="`ortprof runs` lists what there is"
        )
    results = _common_study(one, other)
    cells = None if results is None else (_cell_of(results, one), _cell_of(results, other))
    if results is None or cells is None or cells[0] is None or cells[1] is None:
        measured = (_measured(one), _measured(other))
        single = _pair((one, other), measured, None, say)
        like = next((run.identity for side in measured for run in side), ())
        return replace(single, variation=run_variation(repeats_of(folder, like)))
    if cells[0] is cells[1]:
        raise UsageError(
            f"{one.run_id} and {other.run_id} are repeats of the same thing in {results.directory.study_id}",
            hint="what tells repeats apart is noise: name runs of two different cells",
        )
    shown = (cells[0].profiled or one, cells[1].profiled or other)
    return _pair(shown, _paired(cells[0], cells[1]), results.directory.study_id, say)


def _meant(
    before: Sequence[RunDirectory], after: Sequence[RunDirectory]
) -> tuple[RunDirectory, RunDirectory]:
    """Return the latest runs that two names may mean and that ran the same model under the same limit.

    The latest of each where there are no such.
    """
    if len(before) == len(after) == 1:
        return before[0], after[0]
    ran = {run.path: _ran(run) for run in (*before, *after)}
    alike = [
        (min(one.path.name, other.path.name), -place, one, other)
        for place, (one, other) in enumerate(itertools.product(before, after))
        if ran[one.path] == ran[other.path] is not None and one.path != other.path
    ]
    if not alike:
        return before[0], after[0]
    *_, one, other = max(alike, key=lambda pair: pair[:2])
    return one, other


def _ran(run: RunDirectory) -> tuple[object, ...] | None:
    """Return what must be alike for a comparison to be of settings; None of a run that can't be read."""
    try:
        manifest = read_manifest(run.manifest)
    except UsageError:
        return None
    return manifest.complete, manifest.model, manifest.limit


def _pair(
    shown: tuple[RunDirectory, RunDirectory],
    measured: tuple[tuple[Measured, ...], tuple[Measured, ...]],
    study: str | None,
    say: Callable[[str], None],
) -> Pair:
    manifests = [read_recorded(run).manifest for run in shown]
    refuse_nonsense(*manifests)  # before a minute of analysing
    before, after = (
        Side(label, run, analyse(run, say), repeats)
        for label, run, repeats in zip(side_labels(*manifests), shown, measured, strict=True)
    )
    return Pair(before, after, study)


def _common_study(directory: RunDirectory, other: RunDirectory) -> StudyResults | None:
    folder = directory.path.resolve().parent.parent
    same = folder == other.path.resolve().parent.parent
    return read_results(folder) if same and runs.is_study(folder) else None


def _cell_of(results: StudyResults, run: RunDirectory) -> Cell | None:
    return next(
        (cell for cell in results.cells if any(repeat.run.run_id == run.run_id for repeat in cell.measured)),
        None,
    )


def _paired(paired: Cell, other: Cell) -> tuple[tuple[Measured, ...], tuple[Measured, ...]]:
    """Return the repeats of the rounds in which both were measured; all of each where there is none."""
    common = set(paired.rounds) & set(other.rounds) or {*paired.rounds, *other.rounds}
    before, after = (
        tuple(measured for turn, measured in zip(cell.rounds, cell.measured, strict=True) if turn in common)
        for cell in (paired, other)
    )
    return before, after


def _measured(run: RunDirectory) -> tuple[Measured, ...]:
    """Return a single run's measure phase; nothing where it did not run."""
    recorded = read_recorded(run)
    ran = recorded.manifest.phase(PHASE) is not None and PHASE in recorded.counters
    return (measured_of(run, recorded),) if ran else ()
