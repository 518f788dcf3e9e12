"""The text of `perf script` to columns, in one pass over its lines.

Nearly every line is a frame, and few frames are distinct (1-2 %), so a dictionary keyed by the raw line
does most of the work; distinct lines alone are taken apart, by `profiler.trace.text_lines`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from profiler.trace import payloads
from profiler.trace import text_lines as grammar
from profiler.trace.model import NONE, WAIT_EVENTS, Frames, Samples, Switches, Trace, WaitEvents, stacks_of
from profiler.trace.parse_error import TraceFormatError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import numpy.typing as npt

    from profiler.arrays import Int64s

    Order: TypeAlias = slice | npt.NDArray[np.intp]

_TAB = 9
_WAIT_EVENTS = {name.encode(): index for index, name in enumerate(WAIT_EVENTS)}
_SWITCHES = ("PERF_RECORD_SWITCH", "PERF_RECORD_SWITCH_CPU_WIDE")


def parse(lines: Iterable[bytes], pids: Collection[int] = ()) -> Trace:
    """Read what `profiler.trace.perf_script.command` prints, line by line, line ends included.

    With `pids`, what belongs to other processes is left out, their names included; losses are everybody's.

    Bytes that are not UTF-8 become U+FFFD in names. Records other than samples, switches and losses are
    skipped. `TraceFormatError` with the line number and the text at the first line that is not perf's,
    and at an end in the middle of a line or of a call chain.
    """
    reader = _Reader(frozenset(pids))
    known = reader.frame_ids
    chain = reader.chain
    add_to_chain = chain.append
    number = 0
    line = b""
    for number, line in enumerate(lines, 1):
        frame = known.get(line)
        if frame is not None:
            add_to_chain(frame)
        elif line == b"\n" and not reader.held:
            reader.end_chain(number, line)
        else:
            reader.read(number, line)
    if chain or reader.held or (line and not line.endswith(b"\n")):
        raise TraceFormatError("the output ends in the middle", line_number=number, text=line)
    return reader.trace()


class _Table:
    """Bytes to dense indices, in order of first sight."""

    def __init__(self) -> None:
        self.ids: dict[bytes, int] = {}

    def index(self, text: bytes | None) -> int:
        return NONE if text is None else self.ids.setdefault(text, len(self.ids))

    def texts(self) -> tuple[str, ...]:
        return tuple(text.decode(errors="replace") for text in self.ids)


class _Reader:
    """The columns as they grow, and the sample whose chain is being read."""

    def __init__(self, pids: frozenset[int]) -> None:
        self._pids = pids
        """The processes to keep; empty for all."""
        self.frame_ids: dict[bytes, int] = {}
        self.chain: list[int] = []
        self.held = b""
        """The beginning of a line of perf's, up to a line break in a comm or a path."""
        self._held_at = 0
        self._holds_frame = False
        self._skips = False
        """Frames that follow belong to a record that could not be read to its end, or to another process."""
        self._awaits_chain = False
        self._stack_ids: dict[tuple[int, ...], int] = {}
        self._events = _Table()
        self._strings = _Table()
        self._comms: dict[int, bytes] = {}
        self._lost = self._lost_samples = 0
        # Type codes: q int64, Q uint64, i int32, b int8.
        self._times, self._tids, self._cpus = array("q"), array("i"), array("i")
        self._sample_events, self._weights, self._sample_stacks = array("i"), array("q"), array("i")
        self._addresses, self._symbols, self._dsos = array("Q"), array("i"), array("i")
        self._switch_times, self._switch_tids, self._switch_cpus = array("q"), array("i"), array("i")
        self._switched_in, self._preempted = array("b"), array("b")
        self._wait_times, self._wait_tids, self._wait_events = array("q"), array("i"), array("i")
        self._wait_arguments, self._wait_stacks = array("q"), array("i")
        self._stacks = self._sample_stacks
        """The column whose last row the chain that is being read belongs to."""

    def read(self, number: int, line: bytes) -> None:
        """Take a line that has not been seen before, or that follows the beginning of another."""
        if self.held and self.chain and not self._awaits_chain:  # what is held was the rest of a path
            self.held, self._skips = b"", True
            if line == b"\n":
                self.end_chain(number, line)
                return
        # A comm may begin as a frame does; but frames are longer, and behind a comm there is a header.
        is_frame = line[0] == _TAB and len(line) > grammar.COMM_BYTES
        is_frame = is_frame and (grammar.frame(line) is not None or grammar.header(line) is None)
        if self._holds_frame or (is_frame and not self.held):
            self._read_frame(number, line)
            return
        header = grammar.header(self.held + line)
        if header is not None and not self._goes_on(header):
            self._read_header(number, line, header)
            self.held = b""
        elif header is None and self._ends_a_path(line, is_frame=is_frame):
            self._skips = not self._awaits_chain
            self.held = b""
        else:
            # A comm may hold line breaks: this is its beginning, and the next line completes the header.
            longest = grammar.COMM_BYTES if header is None else grammar.LONGEST_FRAME
            self._hold(number, line, longest)

    def _hold(self, number: int, line: bytes, longest: int) -> None:
        if not self.held:
            self._held_at = number
        self.held += line
        if len(self.held) > longest or not line.endswith(b"\n"):
            raise TraceFormatError("not a line of perf script", line_number=self._held_at, text=self.held)

    def _read_frame(self, number: int, line: bytes) -> None:
        """Take a frame, or a part of one: what it is of may have line breaks in its path."""
        text = self.held + line
        frame = grammar.frame(text)
        if frame is None:
            self._holds_frame = True
            self._hold(number, line, grammar.LONGEST_FRAME if grammar.frame_goes_on(text) else 0)
            return
        self.held, self._holds_frame = b"", False
        if self._awaits_chain:
            known = self.frame_ids.get(text)
            self.chain.append(self._new_frame(text, frame) if known is None else known)
        elif not self._skips:
            raise TraceFormatError("a frame without a sample", line_number=number, text=line)

    def _ends_a_path(self, line: bytes, *, is_frame: bool) -> bool:
        """Whether a line can only be the rest of a path with `)` before a line break: its record is lost.

        In a chain, or behind the blank line of such a path, which looks like the chain's end.
        """
        if self._awaits_chain:
            return bool(self.chain)
        return bool(self._times) and (is_frame or len(line) > grammar.COMM_BYTES) and line.endswith(b")\n")

    def end_chain(self, number: int, line: bytes) -> None:
        """Close the sample at the blank line behind its chain."""
        if self._skips:
            self.chain.clear()
            self._skips = False
        if self.chain:
            if not self._awaits_chain:
                raise TraceFormatError("a chain without a sample before", line_number=number, text=line)
            stack = tuple(self.chain)
            self._stacks[-1] = self._stack_ids.setdefault(stack, len(self._stack_ids))
            self.chain.clear()
        self._awaits_chain = False

    def _new_frame(self, key: bytes, frame: grammar.FrameLine) -> int:
        index = len(self._addresses)
        self.frame_ids[key] = index
        self._addresses.append(frame.address)
        self._symbols.append(self._strings.index(frame.symbol))
        self._dsos.append(self._strings.index(frame.dso))
        return index

    def _read_header(self, number: int, line: bytes, header: grammar.Header) -> None:
        if self.chain:
            raise TraceFormatError("a chain has no end before", line_number=number, text=line)
        self._skips = False
        if header.rest.startswith(b"PERF_RECORD_"):
            self._awaits_chain = False
            self._read_record(number, line, header)
        elif self._is_foreign(header):
            self._awaits_chain, self._skips = False, True
        else:
            self._read_sample(number, line, header)

    def _is_foreign(self, header: grammar.Header) -> bool:
        return bool(self._pids) and header.thread.pid not in self._pids

    def _read_sample(self, number: int, line: bytes, header: grammar.Header) -> None:
        sample = grammar.sample(header.rest)
        if sample is None:
            raise TraceFormatError("no event name in a sample", line_number=number, text=line)
        self._comms[header.thread.tid] = header.thread.comm
        wait_event = _WAIT_EVENTS.get(sample.event)
        if wait_event is not None:
            self._read_wait_event(wait_event, header, sample.tail)
            return
        self._times.append(header.time_ns)
        self._tids.append(header.thread.tid)
        self._cpus.append(header.thread.cpu)
        self._sample_events.append(self._events.index(sample.event))
        self._weights.append(sample.period)
        stack = NONE
        only = grammar.frame(sample.tail) if sample.tail else None
        if only is not None:  # an event without chains prints its one frame on the same line
            key = b"\t" + sample.tail
            frame = self.frame_ids.get(key)
            frame = self._new_frame(key, only) if frame is None else frame
            stack = self._stack_ids.setdefault((frame,), len(self._stack_ids))
        self._sample_stacks.append(stack)
        self._stacks = self._sample_stacks
        self._awaits_chain = only is None

    @staticmethod
    def _goes_on(header: grammar.Header) -> bool:
        sample = grammar.sample(header.rest)
        if sample is None:
            return False
        return payloads.goes_on(sample.event, sample.tail) or grammar.frame_goes_on(sample.tail)

    def _read_wait_event(self, event: int, header: grammar.Header, payload: bytes) -> None:
        # Without a chain perf prints one frame behind the payload, at a virtual address: of no use.
        self._wait_times.append(header.time_ns)
        self._wait_tids.append(header.thread.tid)
        self._wait_events.append(event)
        self._wait_arguments.append(payloads.argument(WAIT_EVENTS[event], payload))
        self._wait_stacks.append(NONE)
        self._stacks = self._wait_stacks
        self._awaits_chain = True

    def _read_record(self, number: int, line: bytes, header: grammar.Header) -> None:
        name, *words = header.rest.decode(errors="replace").replace(":", " ").split()
        try:
            if name in _SWITCHES:
                if self._is_foreign(header):
                    return
                self._switched_in.append(("OUT", "IN").index(words[0]))
                self._preempted.append(words[1:2] == ["preempt"])
                self._comms[header.thread.tid] = header.thread.comm
                self._switch_times.append(header.time_ns)
                self._switch_tids.append(header.thread.tid)
                self._switch_cpus.append(header.thread.cpu)
            elif name == "PERF_RECORD_LOST":
                self._lost += int(words[-1])
            elif name == "PERF_RECORD_LOST_SAMPLES":
                self._lost_samples += int(words[-1])
        except (IndexError, ValueError) as error:
            raise TraceFormatError(f"{name} not understood", line_number=number, text=line) from error

    def trace(self) -> Trace:
        """Everything read so far, as numpy columns in order of time."""
        times = np.array(self._times, np.int64)
        by_time = _order(times)
        switch_times = np.array(self._switch_times, np.int64)
        switches_by_time = _order(switch_times)
        wait_times = np.array(self._wait_times, np.int64)
        waits_by_time = _order(wait_times)
        return Trace(
            events=self._events.texts(),
            samples=Samples(
                time_ns=times[by_time],
                tid=np.array(self._tids, np.int32)[by_time],
                cpu=np.array(self._cpus, np.int32)[by_time],
                event=np.array(self._sample_events, np.int32)[by_time],
                weight=np.array(self._weights, np.int64)[by_time],
                stack=np.array(self._sample_stacks, np.int32)[by_time],
            ),
            stacks=stacks_of(self._stack_ids),
            frames=Frames(
                address=np.array(self._addresses, np.uint64),
                symbol=np.array(self._symbols, np.int32),
                dso=np.array(self._dsos, np.int32),
            ),
            strings=self._strings.texts(),
            switches=Switches(
                time_ns=switch_times[switches_by_time],
                tid=np.array(self._switch_tids, np.int32)[switches_by_time],
                cpu=np.array(self._switch_cpus, np.int32)[switches_by_time],
                switched_in=np.array(self._switched_in, np.bool_)[switches_by_time],
                preempted=np.array(self._preempted, np.bool_)[switches_by_time],
            ),
            comms={tid: comm.decode(errors="replace") for tid, comm in self._comms.items()},
            lost_samples=max(self._lost, self._lost_samples),
            wait_events=WaitEvents(
                time_ns=wait_times[waits_by_time],
                tid=np.array(self._wait_tids, np.int32)[waits_by_time],
                event=np.array(self._wait_events, np.int32)[waits_by_time],
                argument=np.array(self._wait_arguments, np.int64)[waits_by_time],
                stack=np.array(self._wait_stacks, np.int32)[waits_by_time],
            ),
        )


def _order(times: Int64s) -> Order:
    """Sort order by time: perf's own, unless a recording's buffers were flushed out of turn."""
    if times.size and bool(np.any(np.diff(times) < 0)):
        return np.argsort(times, kind="stable")
    return slice(None)
