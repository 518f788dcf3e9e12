"""What there is to say of a light recording: how sure its shares are, and what it can't tell; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.kinds import Kind
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.run.sections.cpu_section import ShareInterval
    from profiler.run.summary import Summary

STEADY_SECONDS = 60.0
"""From then on the shares of a service are steady (docs/light.md)."""
WORTH = 0.005
"""A share that is worth an interval."""


def watched(summary: Summary) -> str:
    """Say how processes were watched."""
    return "under light sampling" if is_light(summary) else "under perf"


def is_light(summary: Summary) -> bool:
    """Whether a summary is a light recording's."""
    perf = available(summary.perf)
    return perf is not None and perf.light


def sentences(summary: Summary) -> Iterator[str]:
    """Yield how sure a light recording's shares are; nothing of others."""
    cpu, profiled = available(summary.cpu), available(summary.profiled)
    if not is_light(summary) or cpu is None or not summary.samples:
        return
    ordered = sorted(cpu.intervals, key=lambda kind: -cpu.share(kind))
    told = [f"{kind.value} {between(cpu.intervals[kind])}" for kind in ordered if cpu.share(kind) >= WORTH]
    samples = formats.count(summary.samples, "sample")
    yield f"By {samples} of leaf addresses, with 95 % confidence: {formats.listed(told)}."
    if cpu.share(Kind.UNKNOWN) >= WORTH:
        yield "A leaf alone does not tell what `unknown` was for: call chains would (without --light)."
    if profiled is not None and profiled.seconds < STEADY_SECONDS:
        yield f"Shares by so few samples a second are steady from {STEADY_SECONDS:.0f} s on."


def between(interval: ShareInterval) -> str:
    """Return an interval of percents."""
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f} %"
