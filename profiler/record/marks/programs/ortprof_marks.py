"""Says when requests begin and end, so that ortprof's report of a running program has them exactly.

One file to copy: the standard library alone, Python 3.8 and later, Linux. MIT licence.

    from ortprof_marks import request

    with request():
        outputs = session.run(None, feeds)

    @request()
    def embed(text): ...

Around the call that a request is, in the thread that makes it; a coroutine may be marked too. Nothing is
done but a look at the clock, until ortprof listens; then a mark takes two microseconds at most. Where marks
can't be made, as on other systems, programs go on without. How it works, and the format: docs/marks.md in
ortprof.
"""

import functools
import itertools
import mmap
import os
import struct
import threading
import time

try:
    import fcntl
except ImportError:  # not Linux, so that nothing here uses it
    pass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

NAME = "ortprof-marks"
HEADER = struct.Struct("<8s4I40x")
"""Magic, version, bytes of a record, records, process id."""
RECORD = struct.Struct("<2q2IQ")
"""Start and end (ns of CLOCK_MONOTONIC), thread id, 0, and last the record's number, which counts from 1."""
RECORDS = 4096
LOOK_NS = 100_000_000
"""So often is looked whether anybody listens, at most."""
LOCK = struct.Struct("hhqqi4x")
"""`struct flock` of 64-bit Linux."""
LOCK_BYTES = 32
F_OFD_GETLK, F_ADD_SEALS, SEALS = 36, 1033, 7
"""Of fcntl.h; the seals: no more seals, no shrinking, no growing."""
NEVER = 1 << 62
COROUTINE = 0x80
"""`CO_COROUTINE` of a function's code."""

_pack = RECORD.pack_into
_now = time.monotonic_ns
_thread = threading.get_native_id
_look_at = NEVER
_listened = False
_file = -1
_inode = 0
_ring = bytearray()  # type: "bytearray | mmap.mmap"
_numbers = itertools.count(1)


def _open() -> None:
    """Make this process's ring; at its start, after a fork, and where the program closed its file."""
    global _file, _inode, _ring, _numbers, _look_at, _listened  # noqa: PLW0603  the process has one
    _listened, _look_at = False, NEVER
    if not hasattr(os, "memfd_create") or LOCK.size != LOCK_BYTES:
        return
    try:
        size = HEADER.size + RECORDS * RECORD.size
        if _file >= 0 and _ours():
            os.close(_file)
        _file = -1
        _file = os.memfd_create(NAME, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(_file, size)
        fcntl.fcntl(_file, F_ADD_SEALS, SEALS)
        _inode = os.fstat(_file).st_ino
        ring = mmap.mmap(_file, size)
        HEADER.pack_into(ring, 0, b"ortmarks", 1, RECORD.size, RECORDS, os.getpid())
    except (OSError, ValueError):
        return
    _ring, _numbers, _look_at = ring, itertools.count(1), 0


def _ours() -> bool:
    """Whether the file is still the ring's: a program may have closed all that it has open."""
    try:
        return os.fstat(_file).st_ino == _inode
    except OSError:
        return False


def _look(now: int) -> None:
    """See whether anybody listens: who does holds a lock on the file, which ends with him."""
    global _look_at, _listened  # noqa: PLW0603  the process has one
    _look_at = now + LOOK_NS
    if not _ours():
        _open()
        return
    try:
        found = fcntl.fcntl(_file, F_OFD_GETLK, LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        _listened = LOCK.unpack(found)[0] != fcntl.F_UNLCK
    except OSError:
        _listened, _look_at = False, NEVER


def _write(start: int) -> None:
    number = next(_numbers)
    slot = HEADER.size + number % RECORDS * RECORD.size
    _pack(_ring, slot, start, _now(), _thread(), 0, number)


class request:  # noqa: N801  used as a function is
    """Marks one request: a block (`with request():`), or each call of a function (`@request()`)."""

    __slots__ = ("_start",)

    def __enter__(self) -> None:
        """Begin."""
        self._start = now = _now()
        if now >= _look_at:
            _look(now)

    def __exit__(self, *_: object) -> None:
        """End, however it did."""
        if _listened:
            _write(self._start)

    def __call__(self, function: "Callable[..., Any]") -> "Callable[..., Any]":
        """Return a function that marks each of its calls."""
        if getattr(getattr(function, "__code__", None), "co_flags", 0) & COROUTINE:

            @functools.wraps(function)
            async def marked(*args: "Any", **kwargs: "Any") -> "Any":
                with request():
                    return await function(*args, **kwargs)
        else:

            @functools.wraps(function)
            def marked(*args: "Any", **kwargs: "Any") -> "Any":
                with request():
                    return function(*args, **kwargs)

        return marked


_open()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_open)
