"""When a profile of ONNX Runtime's began, which the file does not say: its times count from there.

`Profiler::StartProfiling` (onnxruntime/core/common/profiler.cc) makes the file's name from the local time,
creates it, and then looks at the clock. Newer versions have milliseconds in the name: 1.32.0 began 0.1 to
1.1 ms after those in 29 of 30 profiles, and once 2.3. Others are told by when the file was created, which the
kernel knows to a tick: 1.9 to 5.9 ms before it began, at 250 ticks a second.
"""

from __future__ import annotations

import ctypes
import re
import time
from calendar import timegm
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

NAMED = re.compile(r"_(\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)(?:_(\d{3}))?\.json$")
"""What ONNX Runtime puts behind the prefix that it was given."""
AFTER_NAME_NS, NAME_WITHIN_NS = 600_000, 1_000_000
QUARTER_NS = 900 * 10**9
"""Time zones are quarters of an hour apart."""
APART_NS = 2 * 10**9
"""Between a name and the file's creation: more, and it is a copy."""
CLOCK_REALTIME_COARSE = 5
"""<linux/time.h>: of a tick's resolution, as files' times are."""
AT_EMPTY_PATH, STATX_BTIME = 0x1000, 0x800
STATX_BYTES, MASK, SECONDS, NANOSECONDS = 256, 0, 80, 88
"""Of `struct statx` (statx(2)), and where in it are `stx_mask`, and `stx_btime`'s parts."""
HINT = "give the file itself, as ONNX Runtime named it, where it was written"


@dataclass(frozen=True, slots=True)
class ProfileBegin:
    """When it began."""

    realtime_ns: int
    """Of CLOCK_REALTIME."""
    within_ns: int
    """How far off that may be."""
    known_by: str


def profile_begin(path: Path, descriptor: int) -> ProfileBegin:
    """Return when an open profile began; `UsageError` where neither its name nor the kernel says so."""
    name = NAMED.search(path.name)
    if name is None:
        raise UsageError(f"{path} is not named as ONNX Runtime names its profiles: by the time", hint=HINT)
    created_ns = _created_ns(descriptor)
    if created_ns is None:
        raise UsageError(f"{path}: the file system does not tell when it was created", hint=HINT)
    return begin_of([int(part) for part in name.groups() if part is not None], created_ns, path)


def begin_of(named: list[int], created_ns: int, path: Path) -> ProfileBegin:
    """Return when it began by its name's numbers, with or without milliseconds, and its creation."""
    try:
        named_ns = timegm((*named[:6], 0, 0, 0)) * 10**9 + (named[6] if named[6:] else 0) * 10**6
    except ValueError as error:
        raise UsageError(f"{path}: there is no such time", hint=HINT) from error
    named_ns += round((created_ns - named_ns) / QUARTER_NS) * QUARTER_NS
    if abs(named_ns - created_ns) > APART_NS:
        raise UsageError(f"{path} was not created when its name says: it is a copy", hint=HINT)
    if named[6:]:
        return ProfileBegin(named_ns + AFTER_NAME_NS, NAME_WITHIN_NS, "the milliseconds in its name")
    tick_ns = round(time.clock_getres(CLOCK_REALTIME_COARSE) * 1e9)
    return ProfileBegin(created_ns + tick_ns, tick_ns, "when the file was created")


def _created_ns(descriptor: int) -> int | None:
    """Return when a file was created, since 1970; None where nobody knows."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "statx"):
        return None
    found = ctypes.create_string_buffer(STATX_BYTES)
    if library.statx(descriptor, b"", AT_EMPTY_PATH, STATX_BTIME, found):
        return None
    raw = memoryview(found)
    if not int.from_bytes(raw[MASK : MASK + 4], "little") & STATX_BTIME:
        return None
    seconds = int.from_bytes(raw[SECONDS : SECONDS + 8], "little", signed=True)
    return seconds * 10**9 + int.from_bytes(raw[NANOSECONDS : NANOSECONDS + 4], "little")
