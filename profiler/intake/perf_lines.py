r"""The grammar of one line of `perf script`, whatever fields were chosen and whichever perf printed it.

`profiler.trace.text_lines` is the grammar of what we ask perf for ourselves, where every line has to fit;
this one takes what others ask for. Source of the formats: `perf_sample__fprintf_start` and `process_event`
in tools/perf/builtin-script.c and `sample__fprintf_callchain` in tools/perf/util/evsel_fprintf.c, 3.2 to
6.12:

    COMM PID/TID [CPU] SECONDS.FRACTION: PERIOD EVENT: ...
    \t ADDRESS SYMBOL+0xOFFSET (DSO)        `(inlined)` in the DSO's place where the function was inlined
      FILE:LINE                             of the frame above, by -F +srcline
     FROM/TO/FLAGS/... FROM/TO/FLAGS/...    the branch stack, by -F +brstack

where each field may be missing, but for the time or the event.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from profiler.trace import text_lines

INLINED = b"inlined"
"""What stands in a DSO's place where the function was inlined."""

_IDS = rb"(?:(?<!\d)(?P<pid>-?\d{1,9})(?:/(?P<tid>-?\d{1,9}))?\s+)"
_CPU = rb"(?:\[(?P<cpu>\d{1,9})\]\s+)?"
_MISC = rb"(?:[KUHGghSEDX]{1,4}\s+)?"
_TIME = re.compile(rb"(?:^|\s)(\d{1,9})\.(\d{9}|\d{6}):")
_WHO = re.compile(rb"(?P<comm>.*?)\s*" + _IDS + rb"?" + _CPU + _MISC + rb"$", re.DOTALL)
_UNTIMED = re.compile(rb"(?P<comm>\S.*?)\s+" + _IDS + _CPU + _MISC + rb"(?P<rest>(?:\d{1,18}\s+)?\S+:\s*)$")
_SYMBOL_OFFSET = re.compile(rb"\+0x[0-9a-f]{1,16}$")
_BARE = re.compile(rb"\s+(?P<address>[0-9a-f]{1,16})(?: (?P<symbol>\S.*?))?\s*$")
_NAMED = re.compile(rb"\s+(?P<symbol>\S.*?) \((?P<dso>[^()]+(?: \(deleted\))?)\)\s*$")
_SOURCE = re.compile(
    rb"\s+(?P<file>\S.*?)(?::(?P<line>\d{1,9})(?: \(discriminator \d+\))?|\[[0-9a-f]{1,16}\])"
    rb"(?: \(inlined\))?\s*$"
)
_BRANCH = rb"\S+/\S+/[-A-Z?]+/\S*"
_BRANCHES = re.compile(rb"\s*(?:" + _BRANCH + rb"\s*)+$")
_BRANCHES_BEHIND = re.compile(rb"(?<=\))(?:\s+" + _BRANCH + rb")+\s*$")
_FRACTION_DIGITS = 9


class LineHeader(NamedTuple):
    """Who, when and what of a sample or a record."""

    comm: bytes
    tid: int | None
    """None where perf printed none."""
    cpu: int
    """-1 where perf printed none."""
    time_ns: int | None
    rest: bytes
    """What follows the time: a period, an event, a payload; or a record of perf's."""


class _Who(NamedTuple):
    comm: bytes
    tid: int | None
    cpu: int


class FrameSource(NamedTuple):
    """A frame's place in the source."""

    file: bytes
    line: int
    """0 where perf printed a place in the library instead."""


def timed_header(line: bytes) -> LineHeader | None:
    """Split a header line with a time; None when it is not one. No frame looks like it."""
    match = _TIME.search(line)
    if match is None:
        return None
    who = _who(line[: match.start(1)])
    time_ns = int(match[1] + match[2].ljust(_FRACTION_DIGITS, b"0"))
    return LineHeader(who.comm, who.tid, who.cpu, time_ns, line[match.end() :].strip())


def untimed_header(line: bytes) -> LineHeader | None:
    """Split a header line without a time, `java 19983 cycles:`; to be asked after everything else."""
    match = _UNTIMED.match(line.rstrip(b"\n"))
    if match is None:
        return None
    who = _thread(match)
    return LineHeader(who.comm, who.tid, who.cpu, None, match["rest"].strip())


@functools.lru_cache(maxsize=4096)  # few distinct ones: threads times processors
def _who(text: bytes) -> _Who:
    match = _WHO.match(text)
    return _Who(text.strip(), None, -1) if match is None else _thread(match)


def _thread(match: re.Match[bytes]) -> _Who:
    """Return a match's values; a lone number is the thread's id: perf prints both or the tid."""
    tid, cpu = match["tid"] or match["pid"], match["cpu"]
    return _Who(match["comm"].strip(), None if tid is None else int(tid), -1 if cpu is None else int(cpu))


@functools.lru_cache(maxsize=65536)
def frame(line: bytes) -> text_lines.FrameLine | None:
    """Read one frame of a chain; None when it is not one. A DSO of `INLINED` stands for none of its own."""
    whole = text_lines.frame(line)
    if whole is not None:
        return whole._replace(symbol=_plain(whole.symbol))
    return None


def is_in_chain(line: bytes) -> bool:
    """Whether a line is a frame as perf prints them in chains: behind a tab."""
    return line.startswith(b"\t") and frame(line) is not None


def odd_frame(line: bytes) -> text_lines.FrameLine | None:
    """Read a frame that lacks its DSO or its address; only inside a chain, where little else can stand."""
    bare = _BARE.match(line)
    if bare is not None:
        return text_lines.FrameLine(int(bare["address"], 16), _plain(bare["symbol"]), None)
    named = _NAMED.match(line)
    if named is not None:
        dso = None if named["dso"] == text_lines.UNKNOWN else named["dso"]
        return text_lines.FrameLine(0, _plain(named["symbol"]), dso)
    return None


def _plain(symbol: bytes | None) -> bytes | None:
    """Return a symbol without the offset behind it; None where perf knows none."""
    name = _SYMBOL_OFFSET.sub(b"", symbol or b"")
    return None if name in (b"", text_lines.UNKNOWN) else name


def source(line: bytes) -> FrameSource | None:
    """Read the line below a frame that says where it stands in the source."""
    match = _SOURCE.match(line)
    return None if match is None else FrameSource(match["file"], int(match["line"] or 0))


def is_branch_stack(text: bytes) -> bool:
    """Whether a text is a branch stack: pairs of addresses or symbols with flags."""
    return _BRANCHES.match(text) is not None


def without_branch_stack(text: bytes) -> bytes:
    """Return a frame without the branch stack behind it on its line."""
    return _BRANCHES_BEHIND.sub(b"", text)
