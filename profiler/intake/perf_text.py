"""`perf script` text that somebody else made: any version, any choice of fields, warnings in between.

As in `profiler.trace.parser`, a dictionary keyed by the raw line does most of the work: 1-2 % of the lines
are distinct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiler.intake import perf_header, perf_lines
from profiler.intake.cpu_time import IDLE_TID
from profiler.intake.intake_error import IntakeError
from profiler.intake.taken import LeftOutCounts, Taken
from profiler.intake.wait_names import WAIT_NAMES
from profiler.trace import payloads
from profiler.trace.model import NONE, SCHED_SWITCH, SWITCH_OUT, WAIT_EVENTS
from profiler.trace.text_lines import sample
from profiler.trace.trace_builder import NO_TIME, TraceBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.intake.perf_lines import LineHeader
    from profiler.trace.text_lines import FrameLine

FORMAT = "perf script text"
UNNAMED_EVENT = "samples"
"""What is counted where `-F` left the event out."""
_SWITCHES = ("PERF_RECORD_SWITCH", "PERF_RECORD_SWITCH_CPU_WIDE")
_LOST = ("PERF_RECORD_LOST", "PERF_RECORD_LOST_SAMPLES")
_IN_OR_OUT = (["IN"], ["OUT"])
_BLANKS = b" \t"
_NO_SAMPLE = "no sample in it, so not what perf script prints"
_NO_HEADER = (
    "call chains, but no line that says whose they are: that has a thread's number, and a time or an event"
)
_FIELDS = "print them, too: perf script -F +comm,+tid,+time,+event"


def take(lines: Iterable[bytes]) -> Taken:
    """Read a whole text. `IntakeError` with the first line's number and text where it has no sample."""
    reader = _Reader()
    known = reader.frames
    add_to_chain = reader.chain.append
    number = 0
    for number, line in enumerate(lines, 1):
        frame = known.get(line)
        if frame is not None and reader.in_sample:
            add_to_chain(frame)
        elif line == b"\n":
            reader.end_chain()
        else:
            reader.read(number, line)
    reader.end_chain()
    if not reader.builder.samples:
        raise reader.no_sample(number)
    return Taken(
        trace=reader.builder.trace(),
        format=FORMAT,
        in_nanoseconds=False,
        timed=reader.timed,
        left_out=reader.left_out.all(),
        cut_samples=reader.builder.cut_samples,
        header=perf_header.parse(reader.comments),
    )


class _Wait(NamedTuple):
    """An event of `WAIT_EVENTS`, until its chain was read."""

    header: LineHeader
    event: str
    argument: int


class _Reader:
    """The trace as it grows, and the sample whose chain is being read."""

    def __init__(self) -> None:
        self.builder = TraceBuilder()
        self.frames: dict[bytes, int] = {}
        """Raw line to frame."""
        self.chain: list[int] = []
        self.in_sample = False
        self.frames_alone = False
        """Whether there were frames that no sample stands above."""
        self.timed = False
        self.comments: list[str] = []
        self.first: tuple[int, bytes] | None = None
        """The first line that says something: what an error names."""
        self.left_out = LeftOutCounts()
        self._inlined: set[int] = set()
        self._waits: _Wait | None = None
        """What the sample whose chain is being read says of waits."""
        self._lost = dict.fromkeys(_LOST, 0)
        self._tids: dict[bytes, int] = {}
        """Threads that perf printed no id of, by name."""

    def read(self, number: int, line: bytes) -> None:
        """Take a line that is no frame seen before."""
        stripped = line.strip()
        if not stripped:
            self.end_chain()
            return
        if line.startswith(b"#"):
            if not self.builder.samples:
                self.comments.append(line.decode(errors="replace").rstrip())
            return
        if self.first is None:
            self.first = (number, line)
        header = perf_lines.timed_header(line)
        if header is not None:
            self._read_header(number, line, header)
        elif (self.in_sample or line[:1] in _BLANKS) and self._read_below(number, line):
            return
        elif (header := self._untimed(line)) is not None:
            self._read_header(number, line, header)
        else:
            self.left_out.add("lines that perf script does not print", number, line)

    def _read_below(self, number: int, line: bytes) -> bool:
        """Take what belongs to a sample; False for what does not."""
        frame = perf_lines.frame(line)
        if frame is None and not self.in_sample:
            return False
        if frame is None:
            if perf_lines.is_branch_stack(line):
                self.left_out.add("branch stacks", number, line)
                return True
            place = perf_lines.source(line)
            if place is not None and self.chain:
                if place.line:
                    self.builder.place(self.chain[-1], place.file.decode(errors="replace"), place.line)
                return True
            frame = None if self._untimed(line) is not None else perf_lines.odd_frame(line)
            if frame is None:
                return False
        if self.in_sample:
            self.chain.append(self._frame(line, frame))
        else:
            self.frames_alone = True
            self.left_out.add("frames without a sample", number, line)
        return True

    def _untimed(self, line: bytes) -> LineHeader | None:
        return perf_lines.untimed_header(line.lstrip())

    def _frame(self, line: bytes, frame: FrameLine) -> int:
        is_inlined = frame.dso == perf_lines.INLINED
        index = self.builder.frame(
            frame.address,
            None if frame.symbol is None else frame.symbol.decode(errors="replace"),
            None if frame.dso is None or is_inlined else frame.dso.decode(errors="replace"),
            level=int(is_inlined),
        )
        if is_inlined:
            self._inlined.add(index)
        self.frames[line] = index
        return index

    def end_chain(self) -> None:
        """Close the sample whose chain was read."""
        if self.chain:
            if not self._inlined.isdisjoint(self.chain):
                self._place_inlined()
            self.builder.set_last_stack(self.builder.stack(self.chain))
        if self._waits is not None:
            who, event, argument = self._waits.header, self._waits.event, self._waits.argument
            self.builder.wait_event(
                time_ns=who.time_ns or NO_TIME,
                tid=self._tid(who),
                event=WAIT_EVENTS.index(event),
                argument=argument,
                stack=self.builder.stack(self.chain) if event == SWITCH_OUT else NONE,
            )
            self._waits = None
        self.chain.clear()
        self.in_sample = False

    def no_sample(self, lines: int) -> IntakeError:
        """Return what to raise where so many lines had no sample."""
        where, text = self.first or (lines, b"")
        if self.frames_alone:
            return IntakeError(_NO_HEADER, line_number=where, text=text, hint=_FIELDS)
        return IntakeError(_NO_SAMPLE, line_number=where, text=text)

    def _place_inlined(self) -> None:
        """Put inlined functions into the library of the function that holds their code, further out."""
        outer = None
        for position in range(len(self.chain) - 1, -1, -1):
            frame = self.chain[position]
            if frame not in self._inlined:
                outer = frame
            elif outer is not None:
                self.chain[position] = self.builder.with_library_of(frame, outer)

    def _read_header(self, number: int, line: bytes, header: LineHeader) -> None:
        self.end_chain()
        if header.rest.startswith(b"PERF_RECORD_"):
            self._read_record(number, line, header)
            return
        read = sample(header.rest.rstrip())
        period, event, tail = (1, UNNAMED_EVENT.encode(), header.rest) if read is None else read
        tid = self._tid(header)
        self.timed = self.timed or header.time_ns is not None
        self.builder.name_thread(tid, header.comm.decode(errors="replace"))
        self.builder.sample(
            time_ns=NO_TIME if header.time_ns is None else header.time_ns,
            tid=tid,
            cpu=header.cpu,
            event=self.builder.event(event.decode(errors="replace")),
            weight=period,
            stack=-1,
        )
        self.in_sample = True
        if header.time_ns is not None:
            self._read_wait(header, event.decode(errors="replace"), tail)
        self._read_tail(number, tail)

    def _read_wait(self, header: LineHeader, event: str, payload: bytes) -> None:
        """Note what an event says of time off the CPU. It is a sample of its event like others, too."""
        wait_event = WAIT_NAMES.get(event)
        if wait_event is None:
            return
        switched = payloads.sched_switch(payload) if event == SCHED_SWITCH else None
        if switched is not None:
            self.builder.sched_switch(header.time_ns or NO_TIME, header.cpu, switched)
        self._waits = _Wait(header, wait_event, payloads.argument(wait_event, payload))

    def _read_tail(self, number: int, tail: bytes) -> None:
        """Take what stands behind the event: one frame where there are no chains, or a branch stack.

        The payload of a tracepoint says nothing of CPU time.
        """
        if not tail.strip():
            return
        if perf_lines.is_branch_stack(tail):
            self.left_out.add("branch stacks", number, tail)
            return
        alone = perf_lines.without_branch_stack(tail)
        if alone != tail:
            self.left_out.add("branch stacks", number, tail)
        key = b"\t" + alone
        known = self.frames.get(key)
        frame = perf_lines.frame(key) if known is None else None
        if known is not None:
            self.chain.append(known)
        elif frame is not None:
            self.chain.append(self._frame(key, frame))

    def _tid(self, header: LineHeader) -> int:
        if header.tid is not None:
            return header.tid
        return self._tids.setdefault(header.comm, len(self._tids) + 1)

    def _read_record(self, number: int, line: bytes, header: LineHeader) -> None:
        name, *words = header.rest.decode(errors="replace").replace(":", " ").split()
        tid = header.tid
        if name in _SWITCHES and header.time_ns is not None and tid is not None and words[:1] in _IN_OR_OUT:
            if tid > IDLE_TID:
                self.builder.switch(
                    time_ns=header.time_ns,
                    tid=tid,
                    cpu=header.cpu,
                    switched_in=words[0] == "IN",
                    preempted=words[1:2] == ["preempt"],
                )
        elif name in self._lost and words and words[-1].isdecimal():
            self._lost[name] += int(words[-1])
            self.builder.lost_samples = max(self._lost.values())
        else:
            kind = name.partition("(")[0]
            self.left_out.add(f"records that are no samples ({kind})", number, line)
