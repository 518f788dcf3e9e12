"""Sections of what was loaded, and how: configuration, CPUs; load, latency and throttling of a phase."""

from __future__ import annotations

import msgspec

from profiler.run.cpu_budget import Cpus
from profiler.run.ranges import Count, Milliseconds, Number, Seconds
from profiler.run.request import RequestSource
from profiler.spec.configuration import SessionConfiguration


class LabelledConfiguration(SessionConfiguration, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`config`: the session configuration, with its label."""

    label: str
    """Name and adjustments: `spin-on+t4`."""


class CpuBudget(Cpus, frozen=True, kw_only=True):
    """`cpus`: the CPUs that the workload might use, and the threads that wanted them."""

    usable: Number


class LatencyFigures(msgspec.Struct, frozen=True):
    """Milliseconds; None where the requests are too few to say."""

    mean: Milliseconds | None
    p50: Milliseconds | None
    p95: Milliseconds | None
    p99: Milliseconds | None
    max: Milliseconds | None


class LateStarts(msgspec.Struct, frozen=True):
    """How long after their scheduled instants requests started."""

    mean: Milliseconds
    max: Milliseconds


class StoppedInRequests(msgspec.Struct, frozen=True):
    """What requests waited for quota, of `ThrottledFigures.stopped_ms`."""

    mean: Milliseconds | None
    p95_request: Milliseconds | None
    """Of the one request whose latency is the 95th percentile."""
    max: Milliseconds | None


class ThrottledFigures(msgspec.Struct, frozen=True):
    """What a CPU limit did in a phase."""

    periods: Count
    throttled_periods: Count
    throttled_ms: Milliseconds
    """The kernel's figure, a sum over CPUs."""
    bursts: Count
    stopped_ms: Milliseconds
    """Wall time in which no thread could run, to within `resolution_ms` a stretch."""
    resolution_ms: Milliseconds
    per_request_ms: StoppedInRequests


class LoadFigures(msgspec.Struct, frozen=True):
    """CPU use and latency of one phase."""

    seconds: Seconds
    requests: Count
    cpu_ms: Milliseconds
    cpu_percent: Number
    """Of one core, as `top` shows it."""
    cpu_ms_per_request: Milliseconds | None
    latency_ms: LatencyFigures
    late_start_ms: LateStarts | None


class PhaseFigures(LoadFigures, frozen=True, kw_only=True):
    """`measured`, where nothing was attached, and `profiled`, under perf."""

    throttled: ThrottledFigures | None = None
    """None without a CPU limit."""
    unserved: Count = 0
    """Requests that were due and never started."""
    requests_known_by: list[RequestSource] = []
    """How requests are known, each way once: where `inferred` is among them, so are figures by request.
    (Earlier versions knew their own workload's alone.)"""

    requests_unknown_of: list[str] = []
    """Pools, and threads without one, that worked though none of their requests is known: CPU time a request
    is not told then, for theirs would count as the others'."""

    @property
    def inferred(self) -> bool:
        """Whether any of the requests is inferred."""
        return RequestSource.INFERRED in self.requests_known_by
