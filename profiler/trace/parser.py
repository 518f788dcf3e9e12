"""The text of `perf script` to columns, in one pass over its lines.

Nearly every line is a frame, and few frames are distinct (1-2 %), so a dictionary keyed by the raw line
does most of the work; distinct lines alone are taken apart, by `profiler.trace.text_lines`. Of headers few
are distinct but for their times, so that they have a dictionary, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiler.trace import payloads
from profiler.trace import text_lines as grammar
from profiler.trace.model import NONE, SCHED_SWITCH, SWITCH_OUT, WAIT_EVENTS
from profiler.trace.parse_error import TraceFormatError
from profiler.trace.trace_builder import TraceBuilder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from profiler.trace.model import Trace

_TAB = 9
_WAIT_EVENTS = {name.encode(): index for index, name in enumerate(WAIT_EVENTS)}
_SCHED_SWITCH, _SWITCH_OUT = SCHED_SWITCH.encode(), WAIT_EVENTS.index(SWITCH_OUT)
_MOST_KNOWN = 16384
"""Headers that are kept: threads times CPUs, times threads where a switch names two; hardware counters have
another period in each."""
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


class _KnownSample(NamedTuple):
    """What the header of a sample says, but for its time."""

    comm: bytes
    tid: int
    cpu: int
    event: int
    """Its index."""
    weight: int


class _KnownSwitch(NamedTuple):
    """What the record of a switch says, but for its time."""

    comm: bytes
    tid: int
    cpu: int
    switched_in: bool
    preempted: bool
    foreign: bool
    """It is of a process that nobody asked for."""


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
        self._builder = TraceBuilder()
        self._comms: dict[int, bytes] = {}
        self._events: dict[bytes, int] = {}
        self._known: dict[tuple[bytes, bytes], _KnownSample | _KnownSwitch] = {}
        """Headers of samples that a chain follows, and of switches, by what is around their times."""
        self._lost = self._lost_samples = 0
        self._has_samples = False

    def read(self, number: int, line: bytes) -> None:
        """Take a line that is no known frame, or that follows the beginning of another."""
        if not self.held and not self.chain:
            around, time = grammar.around_time(line)
            known = self._known.get(around)
            if known is not None and (time_ns := grammar.nanoseconds(time)) is not None:
                self._add(time_ns, known)
                return
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
        return self._has_samples and (is_frame or len(line) > grammar.COMM_BYTES) and line.endswith(b")\n")

    def end_chain(self, number: int, line: bytes) -> None:
        """Close the sample at the blank line behind its chain."""
        if self._skips:
            self.chain.clear()
            self._skips = False
        if self.chain:
            if not self._awaits_chain:
                raise TraceFormatError("a chain without a sample before", line_number=number, text=line)
            self._builder.set_last_stack(self._builder.stack(self.chain))
            self.chain.clear()
        self._awaits_chain = False

    def _new_frame(self, key: bytes, frame: grammar.FrameLine) -> int:
        index = self._builder.frame(frame.address, _text(frame.symbol), _text(frame.dso))
        self.frame_ids[key] = index
        return index

    def _read_header(self, number: int, line: bytes, header: grammar.SampleHeader) -> None:
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

    def _is_foreign(self, header: grammar.SampleHeader) -> bool:
        return bool(self._pids) and header.thread.pid not in self._pids

    def _read_sample(self, number: int, line: bytes, header: grammar.SampleHeader) -> None:
        sample = grammar.sample(header.rest)
        if sample is None:
            raise TraceFormatError("no event name in a sample", line_number=number, text=line)
        wait_event = _WAIT_EVENTS.get(sample.event)
        if wait_event is not None:
            self._read_wait_event(wait_event, header, sample.tail)
            return
        switched = payloads.sched_switch(sample.tail) if sample.event == _SCHED_SWITCH else None
        if switched is not None:
            self._builder.sched_switch(header.time_ns, header.thread.cpu, switched)
            self._read_wait_event(_SWITCH_OUT, header, b"")
            return
        stack = NONE
        only = grammar.frame(sample.tail) if sample.tail else None
        if only is not None:  # an event without chains prints its one frame on the same line
            key = b"\t" + sample.tail
            frame = self.frame_ids.get(key)
            frame = self._new_frame(key, only) if frame is None else frame
            stack = self._builder.stack((frame,))
        comm, _, tid, cpu = header.thread
        read = _KnownSample(comm, tid, cpu, self._event(sample.event), sample.period)
        self._add_sample(header.time_ns, read, stack)
        self._awaits_chain = only is None
        if not sample.tail:
            self._keep(line, header.time_ns, read)

    def _keep(self, line: bytes, time_ns: int, read: _KnownSample | _KnownSwitch) -> None:
        """Remember what a header says, if the whole of it is in one line, and no name looks like its time."""
        around, time = grammar.around_time(line)
        if not self.held and grammar.nanoseconds(time) == time_ns and len(self._known) < _MOST_KNOWN:
            self._known[around] = read

    def _add(self, time_ns: int, known: _KnownSample | _KnownSwitch) -> None:
        if isinstance(known, _KnownSwitch):
            self._add_switch(time_ns, known)
        else:
            self._add_sample(time_ns, known)

    def _add_sample(self, time_ns: int, read: _KnownSample, stack: int = NONE) -> None:
        """Add a sample whose chain follows, or is given."""
        comm, tid, cpu, event, weight = read
        self._comms[tid] = comm
        self._builder.sample(time_ns=time_ns, tid=tid, cpu=cpu, event=event, weight=weight, stack=stack)
        self._has_samples = self._awaits_chain = True
        self._skips = False

    def _add_switch(self, time_ns: int, read: _KnownSwitch) -> None:
        self._awaits_chain = self._skips = False
        comm, tid, cpu, switched_in, preempted, foreign = read
        if not foreign:
            self._comms[tid] = comm
            self._builder.switch(
                time_ns=time_ns, tid=tid, cpu=cpu, switched_in=switched_in, preempted=preempted
            )

    def _event(self, name: bytes) -> int:
        known = self._events.get(name)
        if known is None:
            known = self._events[name] = self._builder.event(name.decode(errors="replace"))
        return known

    @staticmethod
    def _goes_on(header: grammar.SampleHeader) -> bool:
        sample = grammar.sample(header.rest)
        if sample is None:
            return False
        return payloads.goes_on(sample.event, sample.tail) or grammar.frame_goes_on(sample.tail)

    def _read_wait_event(self, event: int, header: grammar.SampleHeader, payload: bytes) -> None:
        # Without a chain perf prints one frame behind the payload, at a virtual address: of no use.
        self._comms[header.thread.tid] = header.thread.comm
        self._builder.wait_event(
            time_ns=header.time_ns,
            tid=header.thread.tid,
            event=event,
            argument=payloads.argument(WAIT_EVENTS[event], payload),
        )
        self._awaits_chain = True

    def _read_record(self, number: int, line: bytes, header: grammar.SampleHeader) -> None:
        name, *words = header.rest.decode(errors="replace").replace(":", " ").split()
        try:
            if name in _SWITCHES:
                switched_in, preempted = bool(("OUT", "IN").index(words[0])), words[1:2] == ["preempt"]
                comm, _, tid, cpu = header.thread
                read = _KnownSwitch(comm, tid, cpu, switched_in, preempted, self._is_foreign(header))
                self._add_switch(header.time_ns, read)
                self._keep(line, header.time_ns, read)
            elif name == "PERF_RECORD_LOST":
                self._lost += int(words[-1])
            elif name == "PERF_RECORD_LOST_SAMPLES":
                self._lost_samples += int(words[-1])
        except (IndexError, ValueError) as error:
            raise TraceFormatError(f"{name} not understood", line_number=number, text=line) from error

    def trace(self) -> Trace:
        """Everything read so far, as numpy columns in order of time."""
        for tid, comm in self._comms.items():
            self._builder.name_thread(tid, comm.decode(errors="replace"))
        self._builder.lost_samples = max(self._lost, self._lost_samples)
        return self._builder.trace()


def _text(name: bytes | None) -> str | None:
    return None if name is None else name.decode(errors="replace")
