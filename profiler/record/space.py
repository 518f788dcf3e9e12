"""Whether a recording will find room on its disk."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record.stack_size import SWITCH_STACK_BYTES
from profiler.spec.waits import Waits
from profiler.trace.model import SWITCH_OUT

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.manifest import PerfSettings

LEAST_BYTES = 16 << 20
"""What a run takes without a recording, and then some: requests, figures, the report."""
RECORD_BYTES = 150
"""Of a record beside its stack: ids, times, the chain in the kernel."""
MARGIN = 1.5
"""How much busier than before the profiled phase may turn out to be."""


def require_space(folder: Path) -> None:
    """Raise `MachineError` where there is no room for a run at all."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_BYTES:
        raise MachineError(
            f"the disk of {folder} has {free / 1e6:.1f} MB left, a run takes {LEAST_BYTES / 1e6:.0f} MB",
            hint="free some space, or choose another folder with --reports DIR",
        )


def sample_bytes_a_second(frequency_hz: int, stack_bytes: int) -> float:
    """Return what samples of one busy CPU take a second."""
    return frequency_hz * (stack_bytes + RECORD_BYTES)


def recording_bytes(settings: PerfSettings, seconds: float, busy_cpus: float, switches: float) -> int:
    """Estimate the size of perf.data.

    `busy_cpus`: CPU seconds a second that are sampled, `switches`: context switches a second, both of the
    phase before. Each sample copies `stack_bytes`; so do switches that are recorded with their chains, less
    of it.
    """
    switch = 2 * RECORD_BYTES if settings.waits is not Waits.OFF else 0
    if SWITCH_OUT in settings.wait_events:
        switch += min(settings.stack_bytes, SWITCH_STACK_BYTES)
    samples = busy_cpus * sample_bytes_a_second(settings.frequency_hz, settings.stack_bytes)
    rate = samples + switches * switch
    return round(MARGIN * seconds * rate) + LEAST_BYTES


@dataclass(frozen=True, slots=True)
class Room:
    """What a recording is expected to take, against what it may."""

    needed: int
    """Bytes, by the phase before."""
    free: int
    most: int | None = None
    """Bytes that it may take; None for any number."""

    @property
    def missing(self) -> str:
        """What to say where there is no room; empty where there is."""
        needed = self.needed if self.most is None else min(self.needed, self.most + LEAST_BYTES)
        if self.free >= needed:
            return ""
        return f"it would take about {needed / 1e6:,.0f} MB, and {self.free / 1e6:,.0f} MB are free"

    @property
    def warning(self) -> str:
        """What to say before a recording that ends early, or fills most of the disk; else empty."""
        if self.most is not None and self.needed > self.most:
            return (
                f"perf.data may take {self.needed / 1e6:,.0f} MB: the profile phase ends when it has "
                f"{self.most / 1e6:,.0f} MB (--max-size)"
            )
        if self.needed > self.free / 2:
            return (
                f"perf.data may take {self.needed / 1e6:,.0f} MB of the {self.free / 1e6:,.0f} MB "
                "that are free; --max-size of record, run and attach bounds it"
            )
        return ""


def room(folder: Path, needed: int, most: int | None) -> Room:
    """Hold what a recording needs against the disk of a folder, and against a bound."""
    return Room(needed, shutil.disk_usage(folder).free, most)


@dataclass(slots=True)
class SizeBound:
    """How large a recording may grow. On top comes what perf has in its buffers by then: 8 MB a CPU."""

    path: Path
    most: int | None
    reached: bool = False

    def check(self) -> bool:
        """Whether it has grown so far, now or at an earlier check."""
        if self.most is not None and not self.reached:
            with contextlib.suppress(OSError):  # not there yet
                self.reached = self.path.stat().st_size >= self.most
        return self.reached
