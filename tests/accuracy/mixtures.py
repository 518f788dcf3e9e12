"""What the ground-truth programs are asked to do, and how exactly sampling can tell.

**Sampling error.** A share p seen in n samples has the binomial standard error sqrt(p (1 - p) / n). At
p = 1/2, where it is largest, n = 15 600 gives 0.4 percentage points: the bound of 2 points is five of them.
3989 Hz (a prime: no beat with the program's periods) give that in 4 seconds of CPU time, less what perf can't
sample of context switches. Sampling with a fixed period is better than binomial while an activity lasts for
several periods (250 us), as all of these do but the futex calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from profiler.run.kinds import Kind

BOUND_POINTS = 2.0
"""The largest difference between a share and the truth."""
METER_BOUND = 0.01
"""The largest difference between cpu.total_ms and another of the kernel's books, as a fraction."""
FREQUENCY_HZ = 3989
SIGMAS = 4.0
"""Standard errors that the bound must hold for a recording to prove anything."""
CPU_SECONDS = 4.5
"""Length of a recording."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """CPU microseconds a request; the spin of a join comes on top."""

    name: str
    workers: int
    caller_us: int
    """Compute of the calling thread."""
    worker_us: int
    """Compute of each worker."""
    spin_us: int
    """How long each worker polls before it blocks."""
    futex_us: int = 0
    """Handshakes between the calling thread and a blocked worker, both sides."""
    gap_us: int = 300
    """Sleep between requests."""
    callers: int = 1
    """Threads that call the pool; the requests of several overlap."""
    spin: tuple[float, float] = (0.0, 1.0)
    """Bounds that the true share of spin must keep, whatever else runs on the machine."""

    def command(self) -> str:
        """Return the driver's `go` line."""
        parts = (self.caller_us, self.worker_us, self.spin_us, self.futex_us, self.gap_us, CPU_SECONDS)
        return "go " + " ".join(map(str, parts))


MIXTURES = (
    Mixture("5 % spin", 1, caller_us=20_000, worker_us=3_000, spin_us=1_200, spin=(0.02, 0.10)),
    Mixture("25 % spin", 1, caller_us=7_000, worker_us=2_000, spin_us=3_000, spin=(0.1, 0.4)),
    Mixture("50 % spin", 1, caller_us=4_000, worker_us=2_000, spin_us=6_000, spin=(0.3, 0.7)),
    Mixture("75 % spin", 2, caller_us=1_000, worker_us=1_000, spin_us=4_500, spin=(0.5, 0.9)),
    Mixture("95 % spin", 2, caller_us=200, worker_us=200, spin_us=8_000, spin=(0.8, 1.0)),
    Mixture("mostly joining", 1, caller_us=500, worker_us=8_000, spin_us=1_000),
    Mixture("mostly futex", 1, caller_us=500, worker_us=500, spin_us=500, futex_us=8_000),
    Mixture("all alike", 1, caller_us=3_500, worker_us=1_500, spin_us=5_000, futex_us=5_000),
)
OVERLAPPING = (
    Mixture("two callers", 1, caller_us=3_000, worker_us=2_000, spin_us=6_000, gap_us=9_000, callers=2),
    Mixture("three callers", 2, caller_us=1_000, worker_us=600, spin_us=4_000, gap_us=8_000, callers=3),
    Mixture("crowded", 1, caller_us=2_000, worker_us=2_000, spin_us=3_000, gap_us=500, callers=4),
)
"""Callers share a pool: a worker's spin is busy while a request of any of them is in flight."""
OPENMP_MIXTURES = (
    Mixture("little spin", 1, caller_us=8_000, worker_us=7_500, spin_us=0, gap_us=50),
    Mixture("half spin", 1, caller_us=4_000, worker_us=1_000, spin_us=0, gap_us=2_000),
    Mixture("mostly spin", 1, caller_us=500, worker_us=500, spin_us=0, gap_us=8_000),
)


def standard_error_points(share: float, samples: int) -> float:
    """Return the binomial standard error of a share in percentage points."""
    return 100 * math.sqrt(share * (1 - share) / samples)


GROUPS = {
    "spin": (Kind.SPIN_IDLE, Kind.SPIN_BUSY, Kind.SPIN_JOIN),
    "compute": (Kind.COMPUTE,),
    "futex": (Kind.FUTEX,),
    "spin-idle": (Kind.SPIN_IDLE,),
    "spin-busy": (Kind.SPIN_BUSY,),
    "spin-join": (Kind.SPIN_JOIN,),
}
"""What is compared: the three ways to spend CPU time, and the three ways to spin."""
