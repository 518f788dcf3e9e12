"""Answers a question by running studies: a short look at everything, what could win, other loads."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from profiler.errors import WorkloadError
from profiler.execute.study_run import run_study
from profiler.findings.formats import duration
from profiler.models import progress as model_progress
from profiler.record.subject.start import STARTUP_SECONDS
from profiler.record.subject.startup import ort_version
from profiler.run import runs
from profiler.spec.workload import Arrivals
from profiler.study.advise import funnel
from profiler.study.advise.candidates import Candidate, Standing, candidate
from profiler.study.advise.decide import contenders, decide
from profiler.study.advise.evidence import Grounds
from profiler.study.advise.funnel import Arranged
from profiler.study.advise.recommendation import is_default

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from profiler.execute.study_run import StudyMonitor
    from profiler.models.progress import Progress
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.study import Study
    from profiler.study.advise.funnel import Question
    from profiler.study.results import Cell


@dataclass(slots=True)
class Investigation:
    """Where studies run, and how; used once."""

    question: Question
    reports: Path
    monitor: StudyMonitor
    say: Callable[[str], None]
    """Told what is measured next."""
    catalogue: Catalogue
    python: str
    progress: Progress = model_progress.SILENT
    startup_seconds: float = STARTUP_SECONDS
    fresh: bool = False
    """Whether to measure anew what the reports folder holds already."""
    _studies: list[str] = field(default_factory=list)

    def run(self) -> Grounds:
        """Run all studies; errors are those of `run_study`, `WorkloadError` where no run ended well."""
        self.monitor.step("looking at ONNX Runtime")
        version = ort_version(self.python, self.startup_seconds)
        first = self._first_look(version)
        seen = candidates(first)
        final = self._final(seen)
        decided = {choice.label for choice in candidates(final)}
        return Grounds(
            cells=(*final, *self._other_loads(seen, final)),
            screened=tuple(choice for choice in seen if choice.label not in decided),
            studies=tuple(self._studies),
            ort_version=version,
        )

    def _first_look(self, version: str) -> tuple[Cell, ...]:
        cpus = min(len(os.sched_getaffinity(0)), self.question.cpus or float("inf"))
        fit = funnel.sensible(
            self.catalogue,
            version,
            cpus,
            inter_op=self.question.inter_op,
            global_pool=self.question.global_pool,
        )
        wide = funnel.arranged(self.question, fit)
        least, most = (duration(seconds) for seconds in funnel.planned_seconds(self.question, wide))
        self.say(f"in all this takes about {least} to {most}, less where it was measured here before")
        return self._study(funnel.first_look(self.question, wide))

    def _final(self, seen: Sequence[Candidate]) -> tuple[Cell, ...]:
        """Measure what could win, and ONNX Runtime's default beside it; what stays open once more."""
        finalists = contenders(seen, self.question.p95_ms, funnel.MOST_FINALISTS)
        default = [
            cell
            for cell in seen
            if is_default(cell.configuration)
            and cell.callers == self.question.concurrency
            and cell not in finalists
        ]
        cells = self._study(funnel.final(self.question, arrangements([*finalists, *default])))
        open_ones = undecided(cells, self.question.p95_ms)
        if not open_ones:
            return cells
        return extended(cells, self._study(funnel.more_repeats(self.question, arrangements(open_ones))))

    def _other_loads(self, seen: Sequence[Candidate], final: Sequence[Cell]) -> tuple[Cell, ...]:
        if self.question.arrivals is Arrivals.CLOSED:
            return ()
        decision = decide(candidates(final), self.question.p95_ms)
        shown = [
            candidate for candidate in (decision.chosen or decision.nearest, decision.runner_up) if candidate
        ]
        tried = arrangements(funnel.rivals(seen, shown))
        studies = funnel.other_loads(self.question, tried, capacity(final, len(os.sched_getaffinity(0))))
        return tuple(cell for study in studies for cell in self._study(study))

    def _study(self, study: Study) -> tuple[Cell, ...]:
        self.say(
            f"{study.title}: {', '.join(study.configs)} ({study.repeat} x {study.measure_seconds:g} s each)"
        )
        known = {path.name for path in runs.list_studies(self.reports)}
        results = run_study(
            study,
            self.reports,
            self.monitor,
            catalogue=self.catalogue,
            python=self.python,
            progress=self.progress,
            startup_seconds=self.startup_seconds,
            fresh=self.fresh,
        )
        name = results.directory.study_id
        if name in known:
            self.say(f"measured before: {name}; --fresh measures anew")
        self._studies.append(name)
        if not candidates(results.cells):
            why = next((why for cell in results.cells for why in cell.failures), "no request was served")
            raise WorkloadError(f"nothing could be measured: {why}")
        return results.cells


def candidates(cells: Iterable[Cell]) -> list[Candidate]:
    """Return the cells that have figures."""
    return [usable for cell in cells if (usable := candidate(cell)) is not None]


def arrangements(chosen: Iterable[Candidate]) -> list[Arranged]:
    """Return what was chosen."""
    return [Arranged(cell.configuration, cell.callers) for cell in chosen]


def extended(cells: Sequence[Cell], more: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return cells with the repeats that a later study of the same added, as later rounds."""
    added = {cell.key: cell for cell in more}
    later = 1 + max((number for cell in cells for number in cell.rounds), default=-1)

    def with_more(cell: Cell) -> Cell:
        other = added.get(cell.key)
        if other is None:
            return cell
        return replace(
            cell,
            measured=cell.measured + other.measured,
            rounds=cell.rounds + tuple(later + number for number in other.rounds),
        )

    return tuple(with_more(cell) for cell in cells)


def undecided(cells: Iterable[Cell], target_ms: float) -> list[Candidate]:
    """Return what more repeats may decide: those of which it is open whether they meet the target.

    Cheaper ones than the choice alone; and the choice, to be compared with in the same rounds.
    """
    decision = decide(candidates(cells), target_ms)
    chosen = decision.chosen
    unsure = [
        candidate
        for candidate in decision.ranked
        if candidate.standing(target_ms) is Standing.UNSURE
        and (chosen is None or candidate.cpu_ms.estimate < chosen.cpu_ms.estimate)
    ]
    return [*unsure, *([chosen] if chosen and unsure else [])]


def capacity(cells: Iterable[Cell], cpus: int) -> float:
    """Return how many requests a second the best could serve: one after another on each calling thread.

    No more at once than there are CPUs.
    """
    return max(
        min(cell.workload.concurrency * cell.workload.processes, cpus) * 1e3 / float(run.latency_ms.mean())
        for cell in cells
        for run in cell.measured
        if len(run.latency_ms)
    )
