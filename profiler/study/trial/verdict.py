"""What a trial found: each configuration's figures, and which to choose. Pure.

Chosen is the least CPU time a request among configurations whose p95 latency is not surely higher than the
first's, or, with a target, surely meets it; and only where it is surely less than the first's, all judged
together (Holm). Intervals are those of `study.intervals`: rounds are repeats, paired by their round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings.formats import ms, percent, signed_percent
from profiler.run.request import RequestSource
from profiler.study.chance_words import cannot_tell
from profiler.study.holm import holm
from profiler.study.intervals import Interval, Ratio, compare, estimate
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Floats
    from profiler.spec.configuration import SessionConfiguration
    from profiler.study.trial.trial_record import Trial, TrialRun


WORTH = 0.1
"""Share of a request's CPU time, from which on a saving is named though it may be chance."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A configuration and what its runs say."""

    configuration: SessionConfiguration
    runs: tuple[TrialRun, ...]
    cpu_ms: Interval | None
    """CPU time a request; None where it has no interval: one round, or no requests."""
    p95_ms: Interval | None
    cpu: Ratio | None = None
    """Against the first configuration, over the rounds that both have."""
    p95: Ratio | None = None

    @property
    def label(self) -> str:
        """The configuration's."""
        return self.configuration.label

    @property
    def void(self) -> bool:
        """Whether its runs are not the configuration's."""
        return any(run.void for run in self.runs)

    @property
    def cpu_percent(self) -> float:
        """CPU use of one core, the mean of its runs."""
        return float(np.mean([run.cpu_percent for run in self.runs]))

    @property
    def mean_cpu_ms(self) -> float | None:
        """CPU time a request, the mean of its runs, where there is no interval; None where none knows."""
        values = [run.cpu_ms for run in self.runs if run.cpu_ms is not None]
        return float(np.mean(values)) if values else None

    @property
    def pooled_p95_ms(self) -> float | None:
        """The p95 of all its runs' requests, where there is no interval; None of too few."""
        return p95_ms(self.runs)

    @property
    def requests(self) -> int:
        """Of all its runs."""
        return sum(len(run.latency_ms) for run in self.runs)

    @property
    def known_by(self) -> str:
        """How its requests are known, of all its runs."""
        return ", ".join(sorted({"nothing" if run.source is None else run.source.value for run in self.runs}))


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """The answer."""

    tried: tuple[Tried, ...]
    """Those with at least one run, in the order of their naming."""
    chosen: Tried | None
    headline: str
    sentences: tuple[str, ...]


def p95_ms(runs: Sequence[TrialRun]) -> float | None:
    """Return the p95 of runs' requests together; None of too few."""
    latencies = np.array([latency for run in runs for latency in run.latency_ms])
    return float(Statistic.P95.of(latencies)) if Statistic.P95.supported(len(latencies)) else None


def judge(trial: Trial) -> TrialVerdict:
    """Judge a trial as far as it has gone."""
    target_ms = trial.target_ms
    tried = tuple(_all_tried(trial))
    usable = [figures for figures in tried if not figures.void]
    first = usable[0] if usable and usable[0].label == trial.asked.configurations[0].label else None
    if first is None or len(usable) == 1:
        headline = "There is nothing to compare yet: the first configuration and another are needed."
        return TrialVerdict(tried, None, headline, tuple(_notes(tried)))
    allowed = [figures for figures in usable if _allowed(figures, first, target_ms)]
    surely = [figures for figures in _cheaper(usable) if figures in allowed]
    chosen = min(surely, key=lambda figures: figures.cpu.estimate if figures.cpu else 1.0, default=None)
    if chosen is None and first in allowed:
        chosen = first
    return TrialVerdict(tried, chosen, _headline(chosen, first, allowed, target_ms), tuple(_notes(tried)))


def _cheaper(usable: Sequence[Tried]) -> list[Tried]:
    """Return those that surely cost less CPU time a request than the first."""
    held = [(figures, figures.cpu) for figures in usable if figures.cpu is not None]
    sure = holm([ratio.p for _, ratio in held])
    return [
        figures
        for (figures, ratio), is_sure in zip(held, sure, strict=True)
        if is_sure and ratio.significant and ratio.estimate < 1
    ]


def _all_tried(trial: Trial) -> Iterator[Tried]:
    first = _runs(trial, trial.asked.configurations[0].label)
    for configuration in trial.asked.configurations:
        runs = _runs(trial, configuration.label)
        if runs:
            yield _tried(configuration, runs, first)


def _runs(trial: Trial, label: str) -> tuple[TrialRun, ...]:
    return tuple(sorted((run for run in trial.runs if run.label == label), key=lambda run: run.round))


def _tried(
    configuration: SessionConfiguration, runs: tuple[TrialRun, ...], first: Sequence[TrialRun]
) -> Tried:
    common = {run.round for run in runs} & {run.round for run in first}
    mine, others = ([run for run in side if run.round in common] for side in (runs, first))
    same = configuration.label == (first[0].label if first else "")
    return Tried(
        configuration,
        runs,
        estimate(_cpu(runs), Statistic.MEAN),
        estimate(_latency(runs), Statistic.P95),
        None if same or not common else compare(_cpu(others), _cpu(mine), Statistic.MEAN),
        None if same or not common else compare(_latency(others), _latency(mine), Statistic.P95),
    )


def _cpu(runs: Sequence[TrialRun]) -> list[Floats]:
    return [np.array([] if run.cpu_ms is None else [run.cpu_ms]) for run in runs]


def _latency(runs: Sequence[TrialRun]) -> list[Floats]:
    return [np.array(run.latency_ms) for run in runs]


def _allowed(figures: Tried, first: Tried, target_ms: float | None) -> bool:
    if target_ms is not None:
        return figures.p95_ms is not None and figures.p95_ms.high <= target_ms
    return figures is first or figures.p95 is None or figures.p95.low <= 1


def _headline(chosen: Tried | None, first: Tried, allowed: Sequence[Tried], target_ms: float | None) -> str:
    if chosen is None:
        return f"No configuration surely has a p95 of {ms(target_ms)} or less."
    if chosen.cpu is None:
        if hidden := _hidden(allowed):
            return f"Keep {first.label} for now: {hidden}"
        return f"Keep {first.label}: nothing that was tried surely costs less CPU time a request, as fast."
    saved = f"{percent(1 - chosen.cpu.estimate)} less CPU time a request than {first.label}"
    between = f"({percent(1 - chosen.cpu.high)} to {percent(1 - chosen.cpu.low)})"
    return f"Choose {chosen.label}: {saved} {between}; {_latency_words(chosen)}."


def _hidden(allowed: Sequence[Tried]) -> str:
    """Say which configuration seems to save most, where chance hides whether it does; empty for none."""
    held = [(figures.cpu, figures) for figures in allowed if figures.cpu is not None]
    if not held:
        return ""
    least, figures = min(held, key=lambda each: each[0].estimate)
    if least.estimate > 1 - WORTH:
        return ""
    chance = cannot_tell([least], len(figures.runs), "--rounds")
    return f"{figures.label} took {percent(1 - least.estimate)} less CPU time a request, but {chance}."


def _latency_words(chosen: Tried) -> str:
    if chosen.p95 is None:
        return "too few requests to say of its p95"
    change = chosen.p95.estimate - 1
    if not chosen.p95.significant:
        return f"no difference in p95 latency beyond chance ({signed_percent(change)})"
    return f"p95 latency {signed_percent(change)}"


def _notes(tried: Sequence[Tried]) -> Iterator[str]:
    sources = {run.source for figures in tried for run in figures.runs}
    if RequestSource.INFERRED in sources:
        yield (
            "Requests are inferred from what threads do between their waits, and their latency is that under "
            "perf: mark them, name their log with --requests, or see them by --probes, and both are measured."
        )
    if None in sources:
        yield "Requests are not known in some runs: those have no figures a request."
    for figures in tried:
        for doubt in dict.fromkeys(doubt for run in figures.runs for doubt in run.doubts):
            yield f"{figures.label}: {doubt}."
    if any(figures.cpu_ms is None and not figures.void for figures in tried):
        yield "One round has no intervals: --rounds 3 or more say how sure this is."
