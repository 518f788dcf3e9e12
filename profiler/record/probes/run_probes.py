"""Probes on `Run` in the threads of processes that run already."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler.errors import MachineError, OrtprofError, UsageError
from profiler.record.light.ring import Ring
from profiler.record.perf_event import REFUSED
from profiler.record.probes.calls import Calls, Reached
from profiler.record.probes.probe_event import kind_of_probes, prober
from profiler.record.target.mappings import executable_files, openable
from profiler.symbols.elf import ElfFile
from profiler.symbols.run_function import run_functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from profiler.run.attached import Target
    from profiler.run.request import Request

PROC = Path("/proc")
PAGES = 1
"""Of a probe's ring: 102 calls between two readings."""
MOST_PROBES = 2048
"""Descriptors, of which a thread takes two or more."""
HINT = "leave --probes out: requests are marked (`ortprof marks`), or inferred"


class _Probe:
    """A place in the code, and in which threads it is watched."""

    def __init__(self, function: int, open_in: Callable[[int], int], *, returns: bool) -> None:
        self.function = function
        self.returns = returns
        self.open_in = open_in


class RunProbes:
    """Probes in any number of processes, until `close`."""

    def __init__(self, targets: Iterable[Target]) -> None:
        """Set them.

        `MachineError` where the kernel has no probes, or forbids them; `UsageError` where none of the
        processes has a `Run` that can be found.
        """
        self._kind = kind_of_probes()
        self._probes: dict[int, list[_Probe]] = {}
        self._rings: dict[tuple[int, int], Ring] = {}
        """By thread, and the probe's place in its process's list."""
        self._pids: dict[int, int] = {}
        """Of each thread that has probes."""
        self._calls = Calls()
        self._lost_before = 0
        self.refused = 0
        """Probes that there was no room for."""
        with contextlib.ExitStack() as failing:
            failing.callback(self.close)
            self.watch(targets)
            self._require_any()
            failing.pop_all()

    def _require_any(self) -> None:
        if not any(self._probes.values()):
            raise UsageError(
                "no `Run` is found to put probes on: this ONNX Runtime has neither symbols nor the C "
                "interface, as in Python's wheels",
                hint=HINT,
            )

    def watch(self, targets: Iterable[Target]) -> None:
        """Set probes in threads that have none yet: call it again for those that began since."""
        for target in targets:
            if target.pid not in self._probes:
                if not target.runtimes:
                    continue
                with contextlib.suppress(OSError):
                    self._probes[target.pid] = list(self._found(target))
            for tid in _threads(target.pid):
                if tid not in self._pids:
                    self._set(target.pid, tid)

    def _found(self, target: Target) -> Iterator[_Probe]:
        """Yield the probes for a process's libraries; its file is opened by its mapping, or from its root."""
        paths = {runtime.path for runtime in target.runtimes}
        maps = (PROC / str(target.pid) / "maps").read_text(errors="replace")
        number = 0
        for mapped in executable_files(maps):
            file = openable(target.pid, mapped) if mapped.path in paths else None
            if file is None:
                continue
            with contextlib.suppress(OrtprofError):
                elf = ElfFile.open(file)
                for function in run_functions(elf):
                    number += 1
                    for address in (function.begin, *function.returns):
                        offset = int(elf.to_offsets(np.array([address]))[0])
                        open_in = prober(self._kind, file, offset)
                        yield _Probe(number, open_in, returns=address != function.begin)

    def _set(self, pid: int, tid: int) -> None:
        self._pids[tid] = pid
        for place, probe in enumerate(self._probes.get(pid, [])):
            if len(self._rings) >= MOST_PROBES:
                self.refused += 1
                continue
            try:
                self._rings[tid, place] = Ring(probe.open_in(tid), PAGES)
            except ProcessLookupError:
                return
            except OSError as error:
                if error.errno in REFUSED:
                    raise MachineError(
                        f"the kernel forbids probes: {error.strerror}",
                        hint=f"they take root or CAP_PERFMON; {HINT}",
                    ) from error
                self.refused += 1

    def read(self, phase: str) -> list[Request]:
        """Return the calls that returned since the last reading, by their ends."""
        reached = [
            Reached(sample.time_ns, self._pids[tid], tid, probe.function, probe.returns)
            for (tid, place), ring in self._rings.items()
            for probe in [self._probes[self._pids[tid]][place]]
            for sample in ring.read()
        ]
        self._forget_ended()
        return list(self._calls.requests(sorted(reached), phase))

    def _forget_ended(self) -> None:
        alive = {tid for pid in set(self._pids.values()) for tid in _threads(pid)}
        for tid in [tid for tid in self._pids if tid not in alive]:
            del self._pids[tid]
            for key in [key for key in self._rings if key[0] == tid]:
                ring = self._rings.pop(key)
                self._lost_before += ring.lost
                ring.close()

    @property
    def lost(self) -> int:
        """How often a probe was reached and the kernel had no room to say so."""
        return self._lost_before + sum(ring.lost for ring in self._rings.values())

    def close(self) -> None:
        """Take all probes away."""
        for ring in self._rings.values():
            ring.close()
        self._rings.clear()


def _threads(pid: int) -> list[int]:
    try:
        return [int(task.name) for task in (PROC / str(pid) / "task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []
