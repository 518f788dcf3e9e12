"""What light sampling knows at one instant: of the last seconds, and since it began."""

from __future__ import annotations

from dataclasses import dataclass

from profiler.run.kinds import Kind

SPINNING = (Kind.SPIN_IDLE, Kind.SPIN_BUSY, Kind.SPIN_JOIN)


@dataclass(frozen=True, slots=True)
class Used:
    """What some threads did in the last seconds."""

    cpu_percent: float
    """Of one core, by the kernel's count."""
    by_kind: dict[Kind, float]
    """Percent of one core, by samples; the sum may lack what no sample stands for yet."""
    switches_a_second: float
    samples: int

    @property
    def spin_share(self) -> float | None:
        """Return the share of the CPU time that polls; None without a sample."""
        told = sum(self.by_kind.values())
        return sum(self.by_kind.get(kind, 0.0) for kind in SPINNING) / told if told else None


@dataclass(frozen=True, slots=True)
class ThreadMoment:
    """One thread."""

    pid: int
    tid: int
    comm: str
    pool: str
    """The pool's name; empty for a thread of none."""
    used: Used


@dataclass(frozen=True, slots=True)
class PoolMoment:
    """One pool, or the threads of a process that are of none."""

    pid: int
    command: str
    pool: str
    """Its name, as in a run: no other process's pool has it. Empty for the threads that are of none."""
    threads: int
    used: Used
    spent_s: dict[Kind, float]
    """CPU seconds since the beginning, of ended threads too."""
    switches: int
    """Since the beginning, of ended threads too."""


@dataclass(frozen=True, slots=True)
class Moment:
    """All of it."""

    seconds: float
    """Since the beginning."""
    window_seconds: float
    """What `Used` is of."""
    used: Used
    pools: tuple[PoolMoment, ...]
    threads: tuple[ThreadMoment, ...]
    processes: int
    requests_a_second: float | None
    """In the window; None where nobody marks requests."""
    requests: int
    """Since the beginning."""
    samples: int
    """Since the beginning."""
    lost: int
