"""Runs that a command line names, as subjects to check."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run.kinds import Category
from profiler.run.records import read_recorded
from profiler.run.summary import available, read_summary
from profiler.study.cells import CellKey, cell_key
from profiler.study.check.judge import JudgedSide, SpinShare
from profiler.study.check.named import LeftOut, resolve
from profiler.study.identity import Difference, Identity, differences
from profiler.study.measured import PHASE, Measured, measured_of
from profiler.study.repeats import repeats_of
from profiler.study.study_record import StudyCell
from profiler.study.variation import run_variation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest

SCOPE = "Scope"
OF_PROFILES = frozenset({"Sampling", SCOPE, "Waits", "Its symbols"})
"""Conditions that make no difference to what is measured with nothing attached."""


@dataclass(frozen=True, slots=True)
class OwnService:
    """A service of somebody's own that `ortprof run --measure` started: what a cell is in a study."""

    words: str
    """What its runs are called, with the settings that they were given."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """One measured run, and what it is a repeat of."""

    key: CellKey | OwnService
    measured: Measured
    manifest: Manifest


Things = dict[Identity, list[Repeat]]
"""Repeats by what they are repeats of."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """What is checked, and what was not."""

    sides: tuple[JudgedSide, ...]
    left_out: tuple[LeftOut, ...] = ()


def subjects(now: Sequence[str], baseline: Sequence[str], reports: Path) -> Subjects:
    """Return what is to be checked, and what is left out of folders and patterns.

    Runs of one identity (see `identity.identity`) are repeats of one thing. Where each side holds one thing,
    they are compared whatever they are; else those of the same configuration, model, limit and load, and
    where a side has several of these, those of the same identity. What has no counterpart is a subject with
    one side empty. `UsageError` for a name that leads nowhere, for a run that is named and was interrupted
    or is damaged, and for one that stands on both sides.
    """
    (later, left_out), (earlier, left_out_before) = _read_all(now, reports), _read_all(baseline, reports)
    _refuse_same(later, earlier)
    return Subjects(tuple(_sides(later, earlier, reports)), (*left_out, *left_out_before))


def _sides(later: list[Repeat], earlier: list[Repeat], reports: Path) -> list[JudgedSide]:
    mine, theirs = _things(later), _things(earlier)
    if len(mine) == len(theirs) == 1:
        return [_with_variation(_subject(later[0].key.words, later, earlier), reports)]
    return [
        _with_variation(subject, reports)
        for key in dict.fromkeys(repeat.key for repeat in (*later, *earlier))
        for subject in _subjects_of(key.words, _of_cell(mine, key), _of_cell(theirs, key))
    ]


def _with_variation(subject: JudgedSide, reports: Path) -> JudgedSide:
    """Return a subject with what repeats of this machine vary, where a side of it has one run alone."""
    if not subject.before or min(len(subject.now), len(subject.before)) != 1:
        return subject
    return replace(subject, variation=run_variation(repeats_of(reports, subject.now[0].identity)))


def _things(repeats: Sequence[Repeat]) -> Things:
    things: Things = {}
    for repeat in repeats:
        things.setdefault(_as_measured(repeat.measured.identity), []).append(repeat)
    return things


def _as_measured(identity: Identity) -> Identity:
    """Return what makes repeats of what is measured unattached: of a cell's, one alone is profiled."""
    return tuple((label, text) for label, text in identity if label != SCOPE)


def _of_cell(things: Things, key: CellKey | OwnService) -> Things:
    return {identity: repeats for identity, repeats in things.items() if repeats[0].key == key}


def _subjects_of(name: str, mine: Things, theirs: Things) -> Iterator[JudgedSide]:
    """Yield what is to be checked of one configuration, model, limit and load."""
    if len(mine) <= 1 and len(theirs) <= 1:
        yield _subject(name, *(next(iter(things.values()), []) for things in (mine, theirs)))
        return
    identities = dict.fromkeys((*mine, *theirs))
    alike = set.intersection(*(set(identity) for identity in identities))
    for identity in identities:
        apart = ", ".join(f"{label}: {text}" for label, text in identity if (label, text) not in alike)
        full = f"{name} ({apart})" if apart else name
        yield _subject(full, mine.get(identity, []), theirs.get(identity, []))


def _subject(name: str, now: list[Repeat], before: list[Repeat]) -> JudgedSide:
    return JudgedSide(
        name=name,
        now=tuple(repeat.measured for repeat in now),
        before=tuple(repeat.measured for repeat in before),
        spin=_spin_share(repeat.measured.run for repeat in now),
        notes=tuple(_notes(now, before)),
    )


def _read_all(names: Sequence[str], reports: Path) -> tuple[list[Repeat], tuple[LeftOut, ...]]:
    """Return the runs that names stand for, each once, in their order, and that of time within a folder.

    And what a folder or a pattern has that can't be checked, each once; `UsageError` where nothing else is.
    """
    repeats: dict[Path, Repeat] = {}
    left_out: dict[LeftOut, None] = {}
    for name in names:
        named = resolve(name, reports)
        left_out |= dict.fromkeys(named.left_out)
        for run in named.runs:
            if run.path not in repeats:
                try:
                    repeats[run.path] = _read(run)
                except UsageError as error:
                    if not named.gathered:
                        raise
                    left_out[LeftOut(run.run_id, error.message, error.hint)] = None
    if left_out and not repeats:
        first, *others = left_out
        more = f" (and {len(others)} more)" if others else ""
        raise UsageError(f"nothing that was named can be checked: {first.why}{more}", hint=first.hint)
    return list(repeats.values()), tuple(left_out)


def _refuse_same(later: Sequence[Repeat], earlier: Sequence[Repeat]) -> None:
    """Raise `UsageError` for a run that would be held against itself."""
    before = {repeat.measured.run.path for repeat in earlier}
    for repeat in later:
        if repeat.measured.run.path in before:
            raise UsageError(
                f"{repeat.measured.run_id} is checked and is its own baseline",
                hint="give --baseline runs of what it is to be compared with",
            )


def _read(run: RunDirectory) -> Repeat:
    recorded = read_recorded(run)
    manifest = recorded.manifest
    if not manifest.complete:
        raise UsageError(f"{run.run_id} was interrupted, so it can't be checked", hint="record it again")
    if manifest.imported is not None:
        raise UsageError(
            f"{run.run_id} was imported: nothing of it was measured undisturbed, so it can't be checked",
            hint="check runs of `ortprof record`, or of `ortprof run --measure`",
        )
    if manifest.attached is not None and manifest.phase(PHASE) is None:
        raise UsageError(
            f"{run.run_id} was watched under perf alone, so it can't be checked",
            hint="`ortprof run --measure SECONDS -- COMMAND` measures a service of your own undisturbed",
        )
    return Repeat(_key(manifest), measured_of(run, recorded), manifest)


def _key(manifest: Manifest) -> CellKey | OwnService:
    if manifest.configuration is None or manifest.workload is None:
        return OwnService(manifest.title)
    cell = StudyCell(configuration=manifest.configuration, workload=manifest.workload, limit=manifest.limit)
    return cell_key(cell)


def _notes(now: Sequence[Repeat], before: Sequence[Repeat]) -> Iterator[str]:
    """Yield what is not the same on both sides, or among the repeats of one."""
    if now and before:
        models = before[0].manifest.model, now[0].manifest.model
        if models[0] != models[1]:
            yield f"Model differs: {models[0]}, now {models[1]}."
        for difference in _differences(before[0], now[0]):
            change = f"{difference.before}, now {difference.after}"
            yield f"{difference.label} differs: {change}. {difference.caution}".rstrip()
    among = {
        difference.label
        for side in (before, now)
        for other in side[1:]
        for difference in _differences(side[0], other)
    }
    if among:
        yield f"Repeats differ in: {', '.join(sorted(among))}."


def _differences(repeat: Repeat, other: Repeat) -> list[Difference]:
    """Return the conditions that differ, but for those of profiles: what is checked was measured without."""
    differing = differences(repeat.manifest, other.manifest)
    return [difference for difference in differing if difference.label not in OF_PROFILES]


def _spin_share(now: Iterable[RunDirectory]) -> SpinShare | None:
    """Return the share over all profiled runs; None where none was."""
    spin = total = samples = 0.0
    profiled = False
    for run in now:
        if not os.path.lexists(run.summary):
            continue
        summary = read_summary(run)
        cpu, perf = available(summary.cpu), available(summary.perf)
        if cpu is None or perf is None or not cpu.total_ms:
            continue
        profiled = True
        spin += cpu.by_category.get(Category.SPIN, 0.0)
        total += cpu.total_ms
        samples += perf.samples
    return SpinShare(spin / total, int(samples)) if profiled else None
