"""`neighbour` of run.json: what a second, CPU-bound program got done on the service's CPUs."""

from __future__ import annotations

import msgspec

from profiler.run.ranges import Count, Nanoseconds


class Stretch(msgspec.Struct, frozen=True):
    """What all of the neighbour's processes did in a stretch of time."""

    wall_ns: Nanoseconds
    cpu_ns: Nanoseconds
    units: Count
    """Of work, each of the same size."""

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / (self.wall_ns / 1e9) if self.wall_ns else 0.0

    @property
    def cpus(self) -> float:
        """CPUs that it had."""
        return self.cpu_ns / self.wall_ns if self.wall_ns else 0.0


class Neighbour(msgspec.Struct, frozen=True):
    """The neighbour beside the open service without requests, before and after; and beside its requests."""

    processes: Count
    alone: list[Stretch]
    beside: Stretch
    """In the measure phase."""

    @property
    def share(self) -> float | None:
        """What it got done beside requests, of what it does beside the idle service; None where unknown."""
        return self.beside.rate / self.undisturbed.rate if self.undisturbed.rate else None

    @property
    def undisturbed(self) -> Stretch:
        """Both stretches beside the idle service as one."""
        return Stretch(
            sum(stretch.wall_ns for stretch in self.alone),
            sum(stretch.cpu_ns for stretch in self.alone),
            sum(stretch.units for stretch in self.alone),
        )
