"""What being profiled changed: CPU time a request and median latency, profiled against measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.thresholds import DISTURBED, NEEDED
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.sections.load_section import PhaseFigures
    from profiler.run.summary import Summary


WORTH_PERCENT = 5.0
"""Use of a core below which a change of it is no disturbance: it is nearly idle."""


def observer_share(summary: Summary) -> float | None:
    """Return how much more CPU time a request cost under perf, as a share; None where that is not known."""
    phases = _phases(summary)
    return None if phases is None else _change(*(phase.cpu_ms_per_request for phase in phases))


def disturbance(summary: Summary) -> str | None:
    """Say how the profiled phase differed from the measured one, where by more than `DISTURBED`; else None.

    What rests on the profile may be told only after this sentence.
    """
    phases = _phases(summary)
    if phases is None:
        return None
    cpu = _change(*(phase.cpu_ms_per_request for phase in phases))
    p50 = _change(*(phase.latency_ms.p50 for phase in phases))
    said = []
    if cpu is not None and abs(cpu) > DISTURBED:
        said.append(f"a request cost {formats.percent(abs(cpu))} {'more' if cpu > 0 else 'less'} CPU time")
    if p50 is not None and abs(p50) > DISTURBED:
        length = "longer" if p50 > 0 else "shorter"
        said.append(f"the median latency was {formats.percent(abs(p50))} {length}")
    if cpu is None and p50 is None:
        return _by_use(phases)
    if not said:
        return None
    chance = _chance(phases)
    doubt = f" ({chance})" if chance else ""
    return f"Under perf {' and '.join(said)}{doubt}: shares are those of the disturbed workload."


def _by_use(phases: tuple[PhaseFigures, PhaseFigures]) -> str | None:
    """Compare the use of CPUs: all that is known where nobody told of requests in both phases."""
    use = _change(*(phase.cpu_percent for phase in phases))
    if use is None or abs(use) <= DISTURBED or max(phase.cpu_percent for phase in phases) < WORTH_PERCENT:
        return None
    before, after = (formats.number(phase.cpu_percent) for phase in phases)
    return (
        f"Under perf it used {after} % of one core, measured {before} %: perf's doing or other work to do, "
        "which can't be told without requests known in both. Shares are those under perf."
    )


def observer_cost(summary: Summary) -> str:
    """Say what being profiled cost."""
    extra, phases = observer_share(summary), _phases(summary)
    if extra is None or phases is None:
        return "not known: it takes requests in both a measured and a profiled phase"
    before, after = (formats.ms(phase.cpu_ms_per_request) for phase in phases)
    chance = _chance(phases)
    doubt = f"; {chance}" if chance else ""
    return f"{formats.signed_percent(extra)} CPU time a request ({before} → {after}){doubt}"


def _phases(summary: Summary) -> tuple[PhaseFigures, PhaseFigures] | None:
    """Return the measured and the profiled phase, where both ran."""
    measured, profiled = available(summary.measured), available(summary.profiled)
    return None if measured is None or profiled is None else (measured, profiled)


def _change(before: float | None, after: float | None) -> float | None:
    return after / before - 1 if before and after is not None else None


def _chance(phases: tuple[PhaseFigures, PhaseFigures]) -> str:
    """Return a word of caution where requests are few; else nothing."""
    requests = min(phase.requests for phase in phases)
    few = f"with {formats.count(requests, 'request')} this may be chance"
    return few if requests < NEEDED["p95"] else ""
