"""Why percentiles are not given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import count
from profiler.findings.thresholds import NEEDED

if TYPE_CHECKING:
    from profiler.run.sections.load_section import LoadFigures


def too_few(percentile: str, requests: int) -> str:
    """Return why a percentile is not given."""
    return f"{percentile} needs {NEEDED[percentile]} requests; there were {requests}"


def latency_note(figures: LoadFigures) -> list[str]:
    """Return a sentence when requests were too few for the tail of the latencies."""
    latency, requests = figures.latency_ms, figures.requests
    missing = [name for name, value in (("p95", latency.p95), ("p99", latency.p99)) if value is None]
    if not missing or not requests:
        return []
    wanted = " and ".join(str(NEEDED[name]) for name in missing)
    subject = f"{count(requests, 'request')} {'is' if requests == 1 else 'are'} too few"
    return [f"{subject} for {' and '.join(missing)}, which need{'' if len(missing) > 1 else 's'} {wanted}."]
