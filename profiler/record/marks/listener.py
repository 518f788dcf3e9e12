"""Listens to marks of running programs: finds their rings, and reads them. Nothing is written into a program.

A ring is an anonymous file that its program has open (memfd_create(2)), found by its name below /proc/PID/fd.
The program marks while somebody holds a lock for reading on that file; the lock ends with us, however we end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from profiler import files
from profiler.closing import Closing
from profiler.record.container.namespaces import inner_pid, outer_tids
from profiler.record.marks.ring import HEADER, NAME, RingReader, read_shape
from profiler.run.request import Request, RequestSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from profiler.record.marks.ring import RingShape

NOTICED_S = 0.1
"""A program notices within that time that somebody listens; what begins later is marked for certain."""
READ_EVERY_S = 0.05
"""A ring of 4,096 records then holds 80,000 requests a second."""
LINK = f"/memfd:{NAME} (deleted)"
"""What /proc/PID/fd says of such a file."""
_F_OFD_SETLK = 37
_FLOCK = struct.Struct("hhqqi4x")
"""`struct flock` of 64-bit Linux."""


@dataclass(slots=True)
class _Ring:
    """A ring that is listened to; its file stays ours when its program ends."""

    pid: int
    """Of its program, as we know it."""
    file: BinaryIO
    shape: RingShape
    reader: RingReader
    threads: dict[int, int] = field(default_factory=dict)
    """Ids of its program's threads as we know them, by those that they know themselves by."""

    def requests(self, phase: str) -> Iterator[Request]:
        marks = self.reader.take(self._content(), self._content(), time.monotonic_ns())
        for start_ns, end_ns, tid in zip(
            marks.start_ns.tolist(), marks.end_ns.tolist(), marks.tid.tolist(), strict=True
        ):
            yield Request(
                phase=phase,
                scheduled_ns=start_ns,
                start_ns=start_ns,
                end_ns=end_ns,
                cpu_ns=None,
                process=self.pid,
                caller=self._outer(tid),
                source=RequestSource.MARKS,
            )

    def _outer(self, tid: int) -> int | None:
        """Return a thread's id as we know it; None where it ended before we looked."""
        if tid not in self.threads:
            with contextlib.suppress(ProcessLookupError):
                self.threads |= outer_tids(self.pid)
        return self.threads.get(tid, tid if self.shape.pid == self.pid else None)

    def _content(self) -> bytes:
        return os.pread(self.file.fileno(), self.shape.bytes, 0)


class Listener(Closing):
    """Listens to any number of processes, in a `with` block or until `close`."""

    def __init__(self) -> None:
        self._rings: dict[tuple[int, int], _Ring] = {}

    @property
    def processes(self) -> frozenset[int]:
        """The processes that mark their requests."""
        return frozenset(ring.pid for ring in self._rings.values())

    @property
    def lost(self) -> int:
        """How many requests ended and could not be read: more at once than a ring holds, or damaged."""
        return sum(ring.reader.lost + ring.reader.damaged for ring in self._rings.values())

    def watch(self, pids: Iterable[int]) -> None:
        """Listen to these processes too, as far as they have rings; call it again for those made since.

        `NOTICED_S` later their requests are marked. A process that is gone, or not ours to see, has none.
        """
        for pid in pids:
            with contextlib.suppress(OSError):
                for path in _ring_files(pid):
                    self._open(pid, path)

    def _open(self, pid: int, path: Path) -> None:
        status = path.stat()
        identity = status.st_dev, status.st_ino
        if identity in self._rings:
            return
        file = files.open_regular(path)
        try:
            shape = read_shape(os.pread(file.fileno(), HEADER.size, 0))
            # A fork's child has its parent's ring open until it makes its own.
            if shape is None or shape.pid != inner_pid(pid) or status.st_size < shape.bytes:
                file.close()
                return
            lock = _FLOCK.pack(fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(file, _F_OFD_SETLK, lock)
            reader = RingReader(shape, os.pread(file.fileno(), shape.bytes, 0))
        except OSError:
            file.close()
            raise
        self._rings[identity] = _Ring(pid, file, shape, reader)

    def read(self, phase: str) -> list[Request]:
        """Return the requests that ended since the last call, or since a ring is watched, by their starts."""
        requests = [request for ring in self._rings.values() for request in ring.requests(phase)]
        return sorted(requests, key=lambda request: request.start_ns)

    def close(self) -> None:
        """Let programs go on without marks."""
        for ring in self._rings.values():
            ring.file.close()


def _ring_files(pid: int) -> Iterator[Path]:
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if str(path.readlink()) == LINK:
                yield path
