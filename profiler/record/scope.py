"""Where perf shall count: decided from permissions, and from what other processes do on the same CPUs."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record import capabilities
from profiler.record.counters import process_cpu_ns
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

STAT = Path("/proc/stat")
TICK_NS = 10_000_000
"""USER_HZ is 100 on every architecture that we know (proc_stat(5))."""
IDLE_FIELDS = (3, 4)
"""Of a CPU's times in /proc/stat: idle and iowait."""
RUNNING_FIELDS = 7
"""user, nice, system, idle, iowait, irq, softirq. Behind them: guests, in user already, and stolen time."""
LOOK_SECONDS = 0.2
"""How long to look at the other processes where no phase was watched before."""
MOST_OF_OTHERS = 16 << 20
"""Bytes of other processes' stacks a second that a recording may have in it: at 997 Hz and 16 kB a sample,
what one busy CPU gives. Each such sample costs them time as well."""


@dataclass(frozen=True, slots=True)
class ScopePlan:
    """Where to count, and why there."""

    scope: Scope
    """Never `AUTO`."""
    reason: str
    cpus: tuple[int, ...] = ()
    """Those to count on; empty for `PROCESS`."""
    others: float = 0.0
    """CPU seconds a second of other processes on these."""


def plan(
    asked: Scope,
    cpus: Collection[int],
    others: Callable[[], float],
    sample_bytes_a_second: float,
    allowed: Callable[[], bool],
) -> ScopePlan:
    """Decide where to count.

    `cpus`: those that the process may use; `others`: CPU seconds a second that other processes spend there;
    `sample_bytes_a_second`: what one busy CPU adds to the recording; `allowed`: whether perf may watch whole
    CPUs.
    """
    if asked is Scope.PROCESS:
        return ScopePlan(asked, "as asked for")
    mine = tuple(sorted(cpus))
    if asked is Scope.CPUS:
        return ScopePlan(asked, "as asked for", mine, others())
    if not allowed():
        return ScopePlan(Scope.PROCESS, "perf may not watch whole CPUs here")
    busy = others()
    they = f"other processes keep {busy:.1f} of {len(mine)} CPUs busy"
    if busy * sample_bytes_a_second > MOST_OF_OTHERS:
        return ScopePlan(Scope.PROCESS, f"{they}, and would be sampled as well")
    return ScopePlan(Scope.CPUS, f"perf may watch whole CPUs here, and {they}", mine, busy)


def require(scope: Scope) -> None:
    """Raise `MachineError` where CPUs were asked for and perf may not watch them."""
    if scope is Scope.CPUS and not capabilities.watches_cpus(capabilities.sampling_event()):
        raise MachineError(
            "--scope cpus: perf may not watch whole CPUs here",
            hint="run as root, give perf CAP_PERFMON, or as root: sysctl kernel.perf_event_paranoid=0; "
            "--scope process needs none of that",
        )


def busy_ns(cpus: Collection[int], stat: Path = STAT) -> int:
    """Return what these CPUs have run since the machine's start, in nanoseconds (ticks of 10 ms)."""
    names = {f"cpu{cpu}" for cpu in cpus}
    total = 0
    for line in stat.read_text().splitlines():
        name, *times = line.split()
        if name in names:
            running = enumerate(times[:RUNNING_FIELDS])
            total += sum(int(ticks) for field, ticks in running if field not in IDLE_FIELDS)
    return total * TICK_NS


class OthersMeter:
    """What other processes than `pids` run on some CPUs, from its making on."""

    def __init__(self, pids: Sequence[int], cpus: Collection[int]) -> None:
        self._cpus = cpus
        own: dict[int, int] = {}
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                own[pid] = process_cpu_ns(pid)
        self._pids = tuple(own)
        self._begin = time.monotonic_ns(), busy_ns(cpus) - sum(own.values())

    def _read(self) -> tuple[int, int]:
        return time.monotonic_ns(), busy_ns(self._cpus) - sum(map(process_cpu_ns, self._pids))

    def read(self) -> float:
        """Return their CPU seconds a second so far; `ProcessLookupError` when one has ended since."""
        now, busy = self._read()
        return max(0.0, (busy - self._begin[1]) / max(1, now - self._begin[0]))


def look(pids: Sequence[int], cpus: Collection[int], seconds: float = LOOK_SECONDS) -> float:
    """Watch the other processes for a moment; return their CPU seconds a second.

    Where one of `pids` ends meanwhile nobody knows what it used: it is done again without.
    """
    while True:
        meter = OthersMeter(pids, cpus)
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            return meter.read()
