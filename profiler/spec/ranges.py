"""What numbers may be, in options and in TOML alike: one place for bounds and for the words that say them."""

from __future__ import annotations

from dataclasses import dataclass

from profiler.errors import UsageError

LEAST_PLAIN, MOST_PLAIN = 1e-6, 1e16
"""Between these a number is written without an exponent."""


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that are allowed; neither NaN nor an infinity is ever one."""

    least: float
    most: float
    whole: bool = False
    above: bool = False
    """Whether `least` itself is too little."""

    @property
    def words(self) -> str:
        """As a phrase: `a whole number from 1 to 1000`."""
        kind = "a whole number" if self.whole else "a number"
        if self.above:
            return f"{kind} above {plain(self.least)}, at most {plain(self.most)}"
        return f"{kind} from {plain(self.least)} to {plain(self.most)}"

    def holds(self, value: float) -> bool:
        """Whether a number is allowed."""
        enough = value > self.least if self.above else value >= self.least
        return enough and value <= self.most and not (self.whole and value != int(value))

    def require(self, what: str, value: float) -> None:
        """Raise `UsageError` for a number that is not allowed; `what` names it."""
        if not self.holds(value):
            raise UsageError(f"{what} {plain(value)}: {self.words}")


def plain(value: float) -> str:
    """Write a number as people do."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.6f}".rstrip("0").rstrip(".") if LEAST_PLAIN <= abs(value) < MOST_PLAIN else f"{value:g}"


SEED = Range(0, 2**32 - 1, whole=True)
SIZE = Range(1, 10_000_000, whole=True)
"""Of one dimension of a model's inputs."""
RATE = Range(1e-6, 1e6)
"""Requests a second, between bounds where a gap in whole nanoseconds is neither 0 nor endless."""
SECONDS = Range(0, 86_400)
"""Of a phase: a day at most."""
ENDLESS_SECONDS = SECONDS.most
"""Of a phase that lasts as long as what it watches."""
MEASURED_SECONDS = Range(0, 86_400, above=True)
"""Of a study's repeats, which all measure."""
STARTUP = Range(1, 86_400)
"""Seconds that a workload may take to start."""
PROCESS = Range(1, 2**31 - 1, whole=True)
"""A process's number."""
MEGABYTES = Range(1, 1e9)
"""Of a recording."""
THREADS = Range(0, 1024, whole=True)
REPEATS = Range(1, 1000, whole=True)
FREQUENCY = Range(1, 25_000, whole=True)
"""Samples a second."""
CALLERS = Range(1, 1024, whole=True)
"""Threads that call one session."""
PROCESSES = Range(1, 64, whole=True)
"""Of one service."""
CPUS = Range(0, 1024, above=True)
PERIOD_MS = Range(1, 1000)
"""The kernel's bounds (Documentation/scheduler/sched-bwc.rst)."""
BURST_MS = Range(0, 1024 * 1000)
"""Of the longest period with the most CPUs: no quota is more."""
LATENCY_MS = Range(0, 86_400_000, above=True)
BOUND = Range(0, 1e9)
"""What a check allows, in a quantity's unit."""
