"""What being profiled cost: CPU time a request, profiled against measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.thresholds import NEEDED
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def observer_share(summary: Summary) -> float | None:
    """Return how much more CPU time a request cost under perf, as a share; None where that is not known."""
    measured, profiled = available(summary.measured), available(summary.profiled)
    if measured is None or profiled is None or not measured.cpu_ms_per_request:
        return None
    after = profiled.cpu_ms_per_request
    return None if after is None else after / measured.cpu_ms_per_request - 1


def observer_cost(summary: Summary) -> str:
    """Say what being profiled cost."""
    extra = observer_share(summary)
    measured, profiled = available(summary.measured), available(summary.profiled)
    if extra is None or measured is None or profiled is None:
        return "not known: it takes requests in both a measured and a profiled phase"
    change = f"{formats.ms(measured.cpu_ms_per_request)} → {formats.ms(profiled.cpu_ms_per_request)}"
    requests = min(measured.requests, profiled.requests)
    few = f"; with {formats.count(requests, 'request')} this may be chance"
    doubt = few if requests < NEEDED["p95"] else ""
    return f"{formats.signed_percent(extra)} CPU time a request ({change}){doubt}"
