"""What the kernel writes for a sampling clock: records in a ring of pages (linux/perf_event.h)."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = mmap.PAGESIZE
HEAD, TAIL = 1024, 1032
"""Where the first page says how far the kernel has written, and how far we have read."""
POSITION = struct.Struct("<Q")
HEADER = struct.Struct("<IHH")
"""Type, what mode the CPU was in, size."""
BODY = struct.Struct("<QIIQII")
"""Instruction pointer, process, thread, time, CPU, nothing: the order of PERF_SAMPLE_*."""
LOSS = struct.Struct("<QQ")
"""Which event lost records, and how many."""
LOST, SAMPLE = 2, 9
MODE, KERNEL = 7, 1


class Sample(NamedTuple):
    """One sample."""

    address: int
    """Virtual, of the process or of the kernel."""
    pid: int
    tid: int
    time_ns: int
    cpu: int
    in_kernel: bool


class Ring:
    """The ring of one event, which is switched on while it is open."""

    def __init__(self, descriptor: int, pages: int) -> None:
        """Take over a descriptor; `pages` is a power of two. `OSError` where the kernel gives no memory."""
        self._descriptor = descriptor
        self._size = pages * PAGE
        self.lost = 0
        try:
            self._memory = mmap.mmap(descriptor, PAGE + self._size)
        except BaseException:
            os.close(descriptor)
            raise

    def read(self) -> Iterator[Sample]:
        """Yield the samples that came since the last call."""
        (tail,) = POSITION.unpack_from(self._memory, TAIL)
        (head,) = POSITION.unpack_from(self._memory, HEAD)
        data = self._between(tail, head)
        POSITION.pack_into(self._memory, TAIL, head)
        position = 0
        while position < len(data):
            kind, mode, size = HEADER.unpack_from(data, position)
            if kind == SAMPLE:
                address, pid, tid, time_ns, cpu, _ = BODY.unpack_from(data, position + HEADER.size)
                yield Sample(address, pid, tid, time_ns, cpu, mode & MODE == KERNEL)
            elif kind == LOST:
                self.lost += LOSS.unpack_from(data, position + HEADER.size)[1]
            position += size

    def _between(self, tail: int, head: int) -> bytes:
        begin, length = tail % self._size, head - tail
        first = self._memory[PAGE + begin : PAGE + min(begin + length, self._size)]
        return first + self._memory[PAGE : PAGE + length - len(first)]

    def close(self) -> None:
        """Switch it off."""
        with contextlib.suppress(ValueError):
            self._memory.close()
        os.close(self._descriptor)
