"""CPU time as the kernel counts it, given to kinds by samples, as both come. Pure.

A thread's time waits until a sample of it says what it was for; what is left of a thread that ended goes to
`unknown`. So sums are the kernel's, and grow only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.run.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class SpentByKind:
    """CPU nanoseconds by kind, context switches and samples."""

    by_kind: dict[Kind, float] = field(default_factory=dict)
    cpu_ns: float = 0.0
    switches: int = 0
    samples: int = 0

    def add(self, other: SpentByKind) -> None:
        """Take in what others spent."""
        for kind, ns in other.by_kind.items():
            self.by_kind[kind] = self.by_kind.get(kind, 0.0) + ns
        self.cpu_ns += other.cpu_ns
        self.switches += other.switches
        self.samples += other.samples


@dataclass(slots=True)
class ThreadShares:
    """One thread's time that waits for a sample."""

    waiting_ns: float = 0.0

    def spend(self, cpu_ns: float, switches: int, kinds: Mapping[Kind, int]) -> SpentByKind:
        """Return what a stretch was for: its time, and samples by kind."""
        samples = sum(kinds.values())
        self.waiting_ns += cpu_ns
        by_kind = {}
        if samples:
            by_kind = {kind: self.waiting_ns * count / samples for kind, count in kinds.items()}
            self.waiting_ns = 0.0
        return SpentByKind(by_kind, cpu_ns, switches, samples)

    def end(self) -> SpentByKind:
        """Return what is left of a thread that has ended."""
        left, self.waiting_ns = self.waiting_ns, 0.0
        return SpentByKind({Kind.UNKNOWN: left} if left else {})
