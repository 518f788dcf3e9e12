"""Samples leaf addresses of some processes: on the CPUs that they use, or in each of their threads.

On CPUs it costs least, for nothing happens at context switches (docs/light.md); that needs the permission to
watch others, too, of whom everything is dropped unread.
"""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.closing import Closing
from profiler.errors import MachineError
from profiler.record.light import clock_event
from profiler.record.light.ring import Ring
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Collection

    from profiler.record.light.ring import Sample

PAGES_OF_CPU = 16
"""At 49 Hz, a sample of 40 bytes each: room for half a minute."""
PAGES_OF_THREAD = 1
MOST_THREADS = 512
"""Events that are opened at most, where each thread has its own: descriptors, and memory that is locked."""


class Sampler(Closing):
    """Samples in a `with` block; whom, and of which threads, may change with each call of `read`."""

    def __init__(self, frequency_hz: int, scope: Scope, cpus: Collection[int], *, kernel: bool) -> None:
        """Begin; `cpus` matter for `Scope.CPUS`. `MachineError` where the kernel forbids it."""
        self.period_ns = round(1e9 / frequency_hz)
        self._kernel = kernel
        self._rings: dict[int, Ring] = {}
        """By CPU, or by thread."""
        self._of_threads = scope is Scope.PROCESS
        self._lost_before = 0
        """Of rings that are closed."""
        self.refused = 0
        """Threads that have no event, for want of memory or descriptors."""
        if not self._of_threads:
            try:
                for cpu in sorted(cpus):
                    descriptor = clock_event.open_on_cpu(cpu, self.period_ns, kernel=kernel)
                    self._rings[cpu] = Ring(descriptor, PAGES_OF_CPU)
            except OSError as error:
                self.close()
                raise clock_event.refusal(error) from error

    def read(self, pids: Collection[int]) -> list[Sample]:
        """Return these processes' samples since the last call, in order of time.

        Where threads have events of their own, those that began meanwhile get them now. `MachineError` where
        the kernel forbids that.
        """
        ended = self._follow(pids) if self._of_threads else []
        mine = set(pids)
        found = [sample for ring in self._rings.values() for sample in ring.read() if sample.pid in mine]
        for tid in ended:
            ring = self._rings.pop(tid)
            self._lost_before += ring.lost
            ring.close()
        return sorted(found, key=lambda sample: sample.time_ns)

    @property
    def lost(self) -> int:
        """How many samples the kernel had no room for; on CPUs, other processes' too."""
        return self._lost_before + sum(ring.lost for ring in self._rings.values())

    def _follow(self, pids: Collection[int]) -> list[int]:
        """Open events of new threads; return the threads that have ended."""
        there: set[int] = set()
        for pid in pids:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                there.update(int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())
        self.refused = 0
        for tid in sorted(there - self._rings.keys()):
            if len(self._rings) >= MOST_THREADS or not self._open(tid):
                self.refused += 1
        return [tid for tid in self._rings if tid not in there]

    def _open(self, tid: int) -> bool:
        try:
            descriptor = clock_event.open_in_thread(tid, self.period_ns, kernel=self._kernel)
            self._rings[tid] = Ring(descriptor, PAGES_OF_THREAD)
        except ProcessLookupError:
            return True  # it has ended
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM) or self._rings:
                return False
            raise clock_event.refusal(error) from error
        return True

    def close(self) -> None:
        """Switch everything off."""
        for ring in self._rings.values():
            ring.close()
        self._rings.clear()


def allowed_on_cpus(cpu: int, *, kernel: bool) -> bool:
    """Whether a whole CPU may be sampled here."""
    try:
        with Sampler(1, Scope.CPUS, [cpu], kernel=kernel):
            return True
    except MachineError:
        return False
