"""`predictions` of summary.json: what other settings would make of a recording (docs/predictions.md)."""

from __future__ import annotations

from enum import Enum

import msgspec

from profiler.run.ranges import Count, Milliseconds, Number


class Basis(str, Enum):
    """How the requests are known that predictions rest on."""

    MARKED = "marked"
    """Somebody who knows said when they began and ended: the workload, marks, a log."""
    INFERRED = "inferred"
    """At least some are inferred from what threads do between their waits."""


class Predicted(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure: a value with the interval that it lies in, bounds alone, or why neither can be said."""

    value: Number | None = None
    """None where only bounds can be said."""
    low: Number | None = None
    high: Number | None = None
    unavailable: str = ""
    """Why there is no value, beside bounds, or neither; empty where there is one."""

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The interval; None where nothing can be said."""
        return None if self.low is None or self.high is None else (self.low, self.high)


class PredictedConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """What would be seen under one session configuration, at the arrivals that were recorded."""

    config: str
    """Of the presets."""
    settings: dict[str, str]
    """What it sets, as one sets it."""
    cpu_ms_per_request: Predicted
    """Of all processes; idle time between requests is in it."""
    cpu_percent: Predicted
    """Of one core."""
    p50_ms: Predicted
    p95_ms: Predicted


class WakeUpCost(msgspec.Struct, frozen=True):
    """What it took in this recording to wake a worker thread that was blocked."""

    count: Count
    """Wake-ups of workers that were seen."""
    latency_ms: Milliseconds | None
    """Median, from being woken to running; None where wake-ups were not traced."""
    cpu_ms: Milliseconds | None
    """Of who wakes and who is woken together, the context switches included; None where too few were seen."""


class PredictionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`predictions`: other settings for the pools that were recorded, from this recording alone."""

    basis: Basis
    requests: Count
    wake_up: WakeUpCost
    configurations: list[PredictedConfiguration]
