"""What a user would quote of both sides: measured figures, each with its ratio and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.summary import available
from profiler.study.holm import holm
from profiler.study.intervals import Basis, Ratio, compare
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiler.arrays import Floats
    from profiler.run.sections.load_section import PhaseFigures
    from profiler.run.sections.wait_section import FutexFigures
    from profiler.run.summary import Summary
    from profiler.study.compare.sides import Pair, Side
    from profiler.study.measured import Measured
    from profiler.study.variation import FigureVariation, RunVariation

CPU = "CPU per request"
P95 = "Latency, p95"
MEDIAN = "Latency, median"
OF_ONE_CORE = "CPU, of one core"
UNDER_PERF = ", under perf"
"""Behind names of figures of the profile phase that have a measured counterpart."""


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of both sides; over repeats, their geometric mean."""

    name: str
    unit: str
    before: float | None
    after: float | None
    ratio: Ratio | None = None
    """None where there is none, or nothing that its interval could rest on."""
    why: str = ""
    """Why it has no figure or no interval."""
    significant: bool = False
    """Whether it differs beyond chance. For the figures that the headline tells, judged together."""

    @property
    def difference(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before


def figures(pair: Pair) -> list[ComparedFigure]:
    """Return the measured figures, then those of the profile phase that have no interval."""
    before, after = (side.measured for side in pair.sides)
    return [
        *measured_figures(before, after, pair.variation),
        *_throttling(before, after),
        *_profiled(pair.before, pair.after),
    ]


def measured_figures(
    before: Sequence[Measured], after: Sequence[Measured], variation: RunVariation | None
) -> list[ComparedFigure]:
    """Return CPU time, CPU use and latencies; `variation` as in `Pair`."""
    return _judged(
        [
            _figure(CPU_PER_REQUEST, before, after, variation),
            _plain(OF_ONE_CORE, "%", before, after, lambda measured: measured.cpu_percent),
            *(_figure(latency, before, after, variation) for latency in LATENCIES),
        ]
    )


def told(found: Sequence[ComparedFigure]) -> list[ComparedFigure]:
    """Return what a headline tells: CPU time, and p95 latency or else the median, as far as known.

    As measured; else as under perf, where requests are inferred or nothing was measured; else the CPU alone.
    """
    known = {figure.name: figure for figure in found if figure.difference is not None}
    for under in ("", UNDER_PERF):
        latency = known.get(P95 + under) or known.get(MEDIAN + under)
        tells = [figure for figure in (known.get(CPU + under), latency) if figure is not None]
        if tells:
            return tells
    share = known.get(OF_ONE_CORE) or known.get(OF_ONE_CORE + UNDER_PERF)
    return [] if share is None else [share]


def _judged(figures: Sequence[ComparedFigure]) -> list[ComparedFigure]:
    """Return the figures with what is significant: those that the headline tells together, the others alone.

    So a headline is wrong of identical things in 5 % of all cases at most, and so is each other figure.
    """
    family = [figure for figure in told(figures) if figure.ratio is not None]
    together = holm([figure.ratio.p for figure in family if figure.ratio is not None])
    of_headline = {figure.name: verdict for figure, verdict in zip(family, together, strict=True)}
    return [
        replace(
            figure,
            significant=of_headline.get(figure.name, figure.ratio is not None and figure.ratio.significant),
        )
        for figure in figures
    ]


def basis(figures: Sequence[ComparedFigure]) -> Basis | None:
    """Return what the intervals rest on; None without any."""
    return next((figure.ratio.basis for figure in figures if figure.ratio is not None), None)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A figure of a run with the values of its requests."""

    name: str
    statistic: Statistic
    values: Callable[[Measured], Floats]
    of: Callable[[Measured], float | None]

    def variation(self, known: RunVariation | None) -> FigureVariation | None:
        """Return how much one run's figure varies, as far as that is to be used."""
        if known is None:
            return None
        return known.cpu if self.name == CPU else known.latency[self.statistic]


def _latency(name: str, statistic: Statistic) -> _Quantity:
    def of(measured: Measured) -> float | None:
        supported = statistic.supported(len(measured.latency_ms))
        return float(statistic.of(measured.latency_ms)) if supported else None

    return _Quantity(name, statistic, lambda measured: measured.latency_ms, of)


CPU_PER_REQUEST = _Quantity(
    CPU, Statistic.MEAN, lambda measured: measured.cpu_ms, lambda measured: measured.cpu_ms_per_request
)
"""All of the phase's CPU time, shared out; its interval is that of the time from request to request."""
LATENCIES = (
    _latency("Latency, mean", Statistic.MEAN),
    _latency(MEDIAN, Statistic.MEDIAN),
    _latency(P95, Statistic.P95),
    _latency("Latency, p99", Statistic.P99),
)


def _figure(
    quantity: _Quantity,
    before: Sequence[Measured],
    after: Sequence[Measured],
    variation: RunVariation | None,
) -> ComparedFigure:
    one, other = ([quantity.values(repeat) for repeat in side] for side in (before, after))
    ratio = compare(one, other, quantity.statistic, run=quantity.variation(variation))
    return ComparedFigure(
        quantity.name,
        "ms",
        _over_repeats(before, quantity.of),
        _over_repeats(after, quantity.of),
        ratio,
        "" if ratio is not None else _why(quantity, before, after),
    )


def _why(quantity: _Quantity, before: Sequence[Measured], after: Sequence[Measured]) -> str:
    """Return why there is no interval."""
    if not before or not after:
        return "not measured on both sides"
    fewest = min(len(repeat.latency_ms) for repeat in (*before, *after))
    if not fewest:
        return "no requests are known in a run"
    if not quantity.statistic.supported(fewest):
        return f"{formats.count(fewest, 'request')} in a run: too few"
    if quantity is CPU_PER_REQUEST:
        return "no interval: each request's CPU time was not recorded"
    return "no interval: too few requests"


def _plain(
    name: str,
    unit: str,
    before: Sequence[Measured],
    after: Sequence[Measured],
    value: Callable[[Measured], float | None],
) -> ComparedFigure:
    return ComparedFigure(name, unit, _over_repeats(before, value), _over_repeats(after, value))


def _throttling(before: Sequence[Measured], after: Sequence[Measured]) -> Iterator[ComparedFigure]:
    if not any(repeat.throttled for repeat in (*before, *after)):
        return

    def share(repeat: Measured) -> float | None:
        counted = repeat.throttled
        return None if not counted else 100 * counted.throttled_periods / max(1, counted.periods)

    def stopped(repeat: Measured) -> float | None:
        return None if not repeat.throttled else repeat.throttled.per_request_ms.mean

    yield _plain("Periods throttled", "%", before, after, share)
    yield _plain("Stood still per request", "ms", before, after, stopped)


PROFILED: tuple[tuple[str, Callable[[PhaseFigures], float | None]], ...] = (
    (CPU, lambda figures: figures.cpu_ms_per_request),
    (OF_ONE_CORE, lambda figures: figures.cpu_percent),
    (MEDIAN, lambda figures: figures.latency_ms.p50),
    (P95, lambda figures: figures.latency_ms.p95),
)
"""What the profile phase says where there are no requests of a measured one: nobody told of them."""


def _profiled(before: Side, after: Side) -> Iterator[ComparedFigure]:
    """Yield figures of the profile phase: one run each, without an interval."""

    def both(name: str, unit: str, of: Callable[[Summary], float | None]) -> Iterator[ComparedFigure]:
        one, other = (of(side.analysis.summary) for side in (before, after))
        if one is not None or other is not None:
            yield ComparedFigure(name, unit, one, other)

    def phase(of: Callable[[PhaseFigures], float | None]) -> Callable[[Summary], float | None]:
        def of_profiled(summary: Summary) -> float | None:
            profiled = available(summary.profiled)
            return None if profiled is None else of(profiled)

        return of_profiled

    def futex(figure: Callable[[FutexFigures], float | None]) -> Callable[[Summary], float | None]:
        def of(summary: Summary) -> float | None:
            waits = available(summary.waits)
            return None if waits is None else figure(waits.futex)

        return of

    def window(summary: Summary) -> float | None:
        window = available(summary.spin_window_ms)
        return None if window is None else window.p50

    attached = all(side.analysis.summary.attached is not None for side in (before, after))
    if attached and not all(
        any(measured.latency_ms.size for measured in side.measured) for side in (before, after)
    ):
        for name, of in PROFILED:
            yield from both(name + UNDER_PERF, "%" if name == OF_ONE_CORE else "ms", phase(of))
    yield from both("Spin window, median", "ms", window)
    yield from both("Futex calls to wake, per request", "", futex(lambda figures: figures.wake_calls))
    yield from both("Times blocked, per request", "", futex(lambda figures: figures.blocked))
    yield from both("Context switches, per request", "", futex(lambda figures: figures.switches))
    yield from both("From wake-up to running, median", "ms", futex(_wake_up))


def _wake_up(figures: FutexFigures) -> float | None:
    return None if figures.wakeup_latency_ms is None else figures.wakeup_latency_ms.p50


def _over_repeats(repeats: Sequence[Measured], value: Callable[[Measured], float | None]) -> float | None:
    """Return the geometric mean over repeats, as statistics do; the mean where one is not positive."""
    figures = [value(figure) for figure in repeats]
    known = [figure for figure in figures if figure is not None]
    if not known or len(known) < len(figures):
        return None
    if min(known) <= 0:
        return math.fsum(known) / len(known)
    return math.exp(math.fsum(map(math.log, known)) / len(known))
