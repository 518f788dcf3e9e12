"""Reading summary.json: sections may be missing, or say why they are unavailable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.findings.formats import count

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED = {"p50": 2, "p95": 20, "p99": 100}
"""Requests from which a percentile is given: n (1 - p) >= 1 (`profiler.attribution.statistics`)."""
FEW_SAMPLES = 30
"""Below, shares are no verdict: their margin (`profiler.findings.verdict.margin`) passes 18 points."""

LATE_MS = 1.0
"""A start this long after its scheduled instant is called late: timers alone are late by less."""

MUCH_OF_WALL = 0.2
"""A part of requests' mean wall time worth a sentence: without it they would be served a quarter faster."""


def section(summary: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return a section, or None where it is missing or unavailable."""
    found = summary.get(name)
    return found if isinstance(found, dict) and "unavailable" not in found else None


def why_unavailable(summary: Mapping[str, Any], name: str) -> str:
    """Return why a section is unavailable."""
    found = summary.get(name)
    return str(found["unavailable"]) if isinstance(found, dict) and "unavailable" in found else "not recorded"


def observer_share(summary: Mapping[str, Any]) -> float | None:
    """Return how much more CPU time a request cost under perf, as a share; None where that is not known."""
    measured, profiled = section(summary, "measured"), section(summary, "profiled")
    if measured is None or profiled is None or not measured["cpu_ms_per_request"]:
        return None
    after = profiled["cpu_ms_per_request"]
    return None if after is None else float(after / measured["cpu_ms_per_request"] - 1)


def too_few(percentile: str, requests: int) -> str:
    """Return why a percentile is not given."""
    return f"{percentile} needs {NEEDED[percentile]} requests; there were {requests}"


def latency_note(figures: Mapping[str, Any]) -> list[str]:
    """Return a sentence when requests were too few for the tail of the latencies."""
    missing = [name for name in ("p95", "p99") if figures["latency_ms"].get(name) is None]
    if not missing or not figures["requests"]:
        return []
    requests = figures["requests"]
    wanted = " and ".join(str(NEEDED[name]) for name in missing)
    subject = f"{count(requests, 'request')} {'is' if requests == 1 else 'are'} too few"
    return [f"{subject} for {' and '.join(missing)}, which need{'' if len(missing) > 1 else 's'} {wanted}."]
