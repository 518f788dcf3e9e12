r"""The grammar of one line of `perf script`: pure functions from bytes to values.

Source of the formats: `perf_sample__fprintf_start` in tools/perf/builtin-script.c,
`sample__fprintf_callchain` in tools/perf/util/evsel_fprintf.c and `perf_event__fprintf` in
tools/perf/util/event.c of Linux 6.1. A header line is

    COMM PID/TID [CPU] SECONDS.NANOSECONDS: PERIOD EVENT: \n        a sample; its chain follows
    COMM PID/TID [CPU] SECONDS.NANOSECONDS: PERIOD EVENT: FRAME\n   a sample of an event without chains
    COMM PID/TID [CPU] SECONDS.NANOSECONDS: PERF_RECORD_KIND DETAILS\n

and a frame is `ADDRESS SYMBOL (DSO)` or `ADDRESS SYMBOL (DSO+0xOFFSET)`, in a chain after a tab. [CPU] is
missing where the event was recorded without `--sample-cpu`. Nothing in it is quoted or escaped, so each
function says what it leans on.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

UNKNOWN = b"[unknown]"
"""What perf prints for a symbol or a DSO that it can't name."""

COMM_BYTES = 16
"""The kernel's TASK_COMM_LEN with its closing NUL, and the width perf pads a comm to: a comm is shorter."""

LONGEST_FRAME = 1 << 14
"""Bytes of a frame: a path has at most 4096, the longest symbols of C++ a few times that."""

_PID_WIDTH = 5

# The whole anchor needs at least 16 bytes, one more than a comm has: no comm can forge it.
_HEADER = re.compile(rb" -?\d{1,9}/-?\d{1,9} +(?:\[\d{1,9}\] +)?(\d{1,9})\.(\d{9}): ")
_SAMPLE = re.compile(rb" *(?:(\d{1,18}) +)?(\S+):(?: +(.*))?$", re.DOTALL)
_FRAME = re.compile(rb"\s*([0-9a-f]{1,16}) (.*\))$", re.DOTALL)
_FRAME_BEGINS = re.compile(rb"\s*[0-9a-f]{1,16} ")
_DSO = (
    # Not a file: [kernel.kallsyms], [vdso], [heap], [nf_tables]; the brackets are the whole of it.
    re.compile(rb" \((\[[^\[\] ]*\][^() ]*)\)$"),
    # A JIT's symbols may hold anything, "(/" included; their map has a fixed name.
    re.compile(rb" \((/tmp/perf-\d+\.map)\)$"),
    # A file. Paths hold " (" at will, so the first one that opens a path is the path's beginning.
    re.compile(rb" \((/.*)\)$", re.DOTALL),
    # BPF programs and anonymous inodes have neither slash nor brackets around them.
    re.compile(rb" \(([^()]*(?: \(deleted\))?)\)$"),
)

_DSO_OFFSET = re.compile(rb"\+0x([0-9a-f]{1,16})\)$")
_KERNEL = 1 << 63
"""Where the kernel's half of the address space begins."""


class HeaderThread(NamedTuple):
    """Who a header line is about."""

    comm: bytes
    pid: int
    tid: int
    cpu: int
    """-1 where perf printed none."""


class SampleHeader(NamedTuple):
    """A header line: the bytes before the time, the time, and the bytes behind its colon."""

    before: bytes
    time_ns: int
    rest: bytes

    @property
    def thread(self) -> HeaderThread:
        """Who it is about."""
        return _thread(self.before)


class SampleLine(NamedTuple):
    """The rest of a sample's header line."""

    period: int
    event: bytes
    tail: bytes
    """A frame, a tracepoint's payload, or nothing."""


class FrameLine(NamedTuple):
    """One frame; symbol and dso are None where perf printed `[unknown]`."""

    address: int
    symbol: bytes | None
    dso: bytes | None


def header(line: bytes) -> SampleHeader | None:
    """Split a header line; None when it is not one. Times are exact: they never pass through a float."""
    match = _HEADER.search(line)
    if match is None:
        return None
    return SampleHeader(line[: match.start(1)], int(match[1] + match[2]), line[match.end() :].rstrip(b"\n"))


@functools.lru_cache(maxsize=4096)  # few distinct ones: threads times processors
def _thread(text: bytes) -> HeaderThread:
    """Read `COMM PID/TID [CPU] ` and undo the padding: `%s %5d/` for events with chains, else `%16s %5d/`.

    A comm has at most 15 bytes, so 16 mean padding. (A padded comm's own leading spaces are lost.)
    """
    before, _, after = text.rpartition(b"/")
    comm, pid = before.rsplit(b" ", 1)
    tid, *cpu = after.split()
    comm = comm[: len(comm) - max(0, _PID_WIDTH - len(pid))]
    comm = comm.lstrip(b" ") if len(comm) == COMM_BYTES else comm
    return HeaderThread(comm, int(pid), int(tid), int(cpu[0].strip(b"[]")) if cpu else -1)


@functools.lru_cache(maxsize=1024)  # clock events have the same period each time
def sample(rest: bytes) -> SampleLine | None:
    """Read the rest of a sample's header line; None when it is something else.

    Event names hold colons but no spaces. The period counts 1 where perf printed none.
    """
    match = _SAMPLE.match(rest)
    if match is None:
        return None
    period, event, tail = match.groups()
    return SampleLine(1 if period is None else int(period), event, tail or b"")


def frame_goes_on(text: bytes) -> bool:
    """Whether this is the beginning of a frame whose path has a line break: a whole one ends in `)`."""
    return _FRAME_BEGINS.match(text) is not None and not text.rstrip(b"\n").endswith(b")")


def frame(line: bytes) -> FrameLine | None:
    """Read one frame, with or without the tab and the line's end; None when it is not one.

    Where perf prints the offset in the DSO's file, it is the address of user-space code. perf 5.17 to 6.3
    (made for 6.1) print that offset as the address of a chain's frame. Others print virtual addresses:
    from them names and shares are right, but places in a file can't be told.
    """
    match = _FRAME.match(line.rstrip(b"\n"))
    if match is None:
        return None
    address, text = int(match[1], 16), match[2]
    offset = _DSO_OFFSET.search(text)
    if offset is not None:
        address = address if address >= _KERNEL else int(offset[1], 16)
        text = text[: offset.start()] + b")"
    for pattern in _DSO:
        matched = pattern.search(text)
        if matched is not None:
            symbol, dso = text[: matched.start()], matched[1]
            return FrameLine(address, None if symbol == UNKNOWN else symbol, None if dso == UNKNOWN else dso)
    return None
