"""A CPU bandwidth limit as the kernel's CFS quota takes it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from profiler.errors import UsageError
from profiler.spec.ranges import BURST_MS, CPUS, PERIOD_MS

LEAST_QUOTA_US = 1_000
"""Below a millisecond the kernel refuses a quota (min_cfs_quota_period, kernel/sched/core.c)."""


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A CPU bandwidth limit: `quota_us` of CPU time in each period, then nothing until the next one."""

    cpus: Annotated[float, msgspec.Meta(gt=0, le=1024)]
    period_us: Annotated[int, msgspec.Meta(ge=1_000, le=1_000_000)] = 100_000
    """The bounds and the default are the kernel's (Documentation/scheduler/sched-bwc.rst)."""
    burst_us: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Unused quota that may be carried over to later periods."""

    @property
    def quota_us(self) -> int:
        """CPU time in each period."""
        return round(self.cpus * self.period_us)

    @property
    def label(self) -> str:
        """Short form for run ids: `0.1cpu`, and what is not the default: `0.1cpu+p20ms+b5ms`."""
        parts = [f"{self.cpus:g}cpu"]
        if self.period_us != Limit(cpus=1).period_us:
            parts.append(f"p{self.period_us / 1e3:g}ms")
        if self.burst_us:
            parts.append(f"b{self.burst_us / 1e3:g}ms")
        return "+".join(parts)

    @property
    def words(self) -> str:
        """The same for people: `0.1 CPU`, `0.1 CPU (period 20 ms, burst 5 ms)`."""
        details = []
        if self.period_us != Limit(cpus=1).period_us:
            details.append(f"period {self.period_us / 1e3:g} ms")
        if self.burst_us:
            details.append(f"burst {self.burst_us / 1e3:g} ms")
        return f"{self.cpus:g} CPU" + (f" ({', '.join(details)})" if details else "")


def make_limit(cpus: float | None, *, period_ms: float | None, burst_ms: float | None) -> Limit | None:
    """Return the limit that options ask for, or None where they ask for none.

    `UsageError` for a value out of the kernel's range, or a period or burst without a limit.
    """
    if cpus is None:
        for option, given in (("--cpu-period", period_ms), ("--cpu-burst", burst_ms)):
            if given is not None:
                raise UsageError(f"{option} {given:g} belongs to a limit", hint="give --cpu-limit CPUS too")
        return None
    CPUS.require("--cpu-limit", cpus)
    values: dict[str, Any] = {"cpus": cpus}
    if period_ms is not None:
        PERIOD_MS.require("--cpu-period", period_ms)
        values["period_us"] = round(period_ms * 1e3)
    if burst_ms is not None:
        BURST_MS.require("--cpu-burst", burst_ms)
        values["burst_us"] = round(burst_ms * 1e3)
    limit = Limit(**values)
    if limit.quota_us < LEAST_QUOTA_US:
        raise UsageError(
            f"--cpu-limit {cpus:g} is {limit.quota_us / 1e3:g} ms in each {limit.period_us / 1e3:g} ms; "
            "the kernel takes 1 ms or more",
            hint="raise the limit, or lengthen the period with --cpu-period MS (at most 1000)",
        )
    if limit.burst_us > limit.quota_us:
        raise UsageError(
            f"--cpu-burst {limit.burst_us / 1e3:g} is more than the quota of {limit.quota_us / 1e3:g} ms "
            "a period, which the kernel refuses",
            hint=f"at most --cpu-burst {limit.quota_us / 1e3:g}",
        )
    return limit
