"""The text of `perf script` to columns, in one pass over its lines.

Most of it was read before, and is taken whole by `profiler.trace.known_text`. What is new is read line by
line: nearly every line is a frame, and few frames are distinct (1-2 %), so that a dictionary keyed by the raw
line does most of that; distinct lines alone are taken apart, by `profiler.trace.text_lines`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from profiler.trace import payloads
from profiler.trace import text_lines as grammar
from profiler.trace.known_text import HeaderKind, KnownChain, KnownText, begins_chain, chain_end
from profiler.trace.model import NONE, SCHED_SWITCH, SWITCH_OUT, WAIT_EVENTS
from profiler.trace.parse_error import TraceFormatError
from profiler.trace.trace_builder import TraceBuilder

if TYPE_CHECKING:
    from collections.abc import Collection

    from profiler.trace.model import Trace

_TAB = 9
_WAIT_EVENTS = {name.encode(): index for index, name in enumerate(WAIT_EVENTS)}
_SCHED_SWITCH, _SWITCH_OUT = SCHED_SWITCH.encode(), WAIT_EVENTS.index(SWITCH_OUT)
_LONGEST = 1 << 20
"""Bytes that are waited for to take a chain as a whole, and of the longest line."""
_SWITCHES = ("PERF_RECORD_SWITCH", "PERF_RECORD_SWITCH_CPU_WIDE")


class Parser:
    """Reads what `profiler.trace.perf_script.command` prints, in pieces of any size.

    With `pids`, what belongs to other processes is left out, their names included; losses are everybody's.

    Bytes that are not UTF-8 become U+FFFD in names. Records other than samples, switches and losses are
    skipped. `TraceFormatError` with the line number and the text at the first line that is not perf's,
    and at an end in the middle of a line or of a call chain.
    """

    def __init__(self, pids: Collection[int] = ()) -> None:
        self._pids = frozenset(pids)
        self._rest = b""
        """The beginning of a line, or of what may be a chain."""
        self._frame_ids: dict[bytes, int] = {}
        self._known = KnownText()
        self._number = 0
        """Of the line that was read last, from 1 on."""
        self._line = b""
        """The last one that was read by itself."""
        self._chain: list[int] = []
        """Frames of the sample that is being read."""
        self._held = b""
        """The beginning of a line of perf's, up to a line break in a comm or a path."""
        self._held_at = 0
        self._holds_frame = False
        self._skips = False
        """Frames that follow belong to a record that could not be read to its end, or to another process."""
        self._awaits_chain = False
        self._builder = TraceBuilder()
        self._comms: dict[int, bytes] = {}
        self._events: dict[bytes, int] = {}
        self._lost = self._lost_samples = 0

    def feed(self, piece: bytes) -> None:
        """Read a piece, as far as lines and chains in it are whole."""
        text = self._rest + piece
        self._rest = text[self._take(text) :]
        if len(self._rest) > _LONGEST:
            raise TraceFormatError("a line without an end", line_number=self._number + 1, text=self._rest)

    def end(self) -> Trace:
        """Read what is left, and return everything as numpy columns in order of time."""
        for line in io.BytesIO(self._rest):
            self._read_line(line)
        if self._chain or self._held or (self._rest and not self._rest.endswith(b"\n")):
            reason = "the output ends in the middle"
            raise TraceFormatError(reason, line_number=self._number, text=self._line)
        for tid, comm in self._comms.items():
            self._builder.name_thread(tid, comm.decode(errors="replace"))
        self._builder.lost_samples = max(self._lost, self._lost_samples)
        return self._builder.trace()

    def _take(self, text: bytes) -> int:
        """Read what is whole of a text that begins where a line does; return where the rest begins."""
        at = searched = 0
        while at < len(text):
            if not (self._chain or self._held):
                # A wait event awaits a chain, too, and may have none.
                if not (self._awaits_chain and begins_chain(text, at)):
                    at = self._take_known(text, at)
                if self._awaits_chain and begins_chain(text, at):
                    end = chain_end(text, at, searched)
                    if end is not None:
                        self._read_chain(text[at:end])
                        at = end
                        continue
                    searched = len(text) - 1
                    if len(text) - at < _LONGEST:
                        break
            end = text.find(b"\n", at) + 1
            if not end:
                break
            self._read_line(text[at:end])
            at = end
        return at

    def _take_known(self, text: bytes, at: int) -> int:
        at, lines, awaits_chain = self._known.take(text, at, self._builder, self._comms)
        if lines:
            self._number += lines
            self._skips, self._awaits_chain = False, awaits_chain
        return at

    def _read_chain(self, text: bytes) -> None:
        """Take the chain of the sample that was added last, up to the blank line behind it."""
        known = self._known.chain(text)
        if known is None:
            lines = list(io.BytesIO(text))
            frames = [self._frame_ids.get(line, NONE) for line in lines[:-1]]
            if NONE in frames:
                for line in lines:
                    self._read_line(line)
                return
            known = KnownChain(text, len(lines), self._builder.stack(frames))
            self._known.keep_chain(known)
        self._number += known.lines
        self._builder.set_last_stack(known.stack)
        self._awaits_chain = False

    def _read_line(self, line: bytes) -> None:
        self._number += 1
        self._line = line
        frame = self._frame_ids.get(line)
        if frame is not None:
            self._chain.append(frame)
        elif line == b"\n" and not self._held:
            self._end_chain(line)
        else:
            self._read_new(line)

    def _read_new(self, line: bytes) -> None:
        """Take a line that is no known frame, or that follows the beginning of another."""
        if self._held and self._chain and not self._awaits_chain:  # what is held was the rest of a path
            self._held, self._skips = b"", True
            if line == b"\n":
                self._end_chain(line)
                return
        # A comm may begin as a frame does; but frames are longer, and behind a comm there is a header.
        is_frame = line[0] == _TAB and len(line) > grammar.COMM_BYTES
        is_frame = is_frame and (grammar.frame(line) is not None or grammar.header(line) is None)
        if self._holds_frame or (is_frame and not self._held):
            self._read_frame(line)
            return
        header = grammar.header(self._held + line)
        if header is not None and not self._goes_on(header):
            self._read_header(line, header)
            self._held = b""
        elif header is None and self._ends_a_path(line, is_frame=is_frame):
            self._skips = not self._awaits_chain
            self._held = b""
        else:
            # A comm may hold line breaks: this is its beginning, and the next line completes the header.
            longest = grammar.COMM_BYTES if header is None else grammar.LONGEST_FRAME
            self._hold(line, longest)

    def _hold(self, line: bytes, longest: int) -> None:
        if not self._held:
            self._held_at = self._number
        self._held += line
        if len(self._held) > longest or not line.endswith(b"\n"):
            raise TraceFormatError("not a line of perf script", line_number=self._held_at, text=self._held)

    def _read_frame(self, line: bytes) -> None:
        """Take a frame, or a part of one: what it is of may have line breaks in its path."""
        text = self._held + line
        frame = grammar.frame(text)
        if frame is None:
            self._holds_frame = True
            self._hold(line, grammar.LONGEST_FRAME if grammar.frame_goes_on(text) else 0)
            return
        self._held, self._holds_frame = b"", False
        if self._awaits_chain:
            known = self._frame_ids.get(text)
            self._chain.append(self._new_frame(text, frame) if known is None else known)
        elif not self._skips:
            raise TraceFormatError("a frame without a sample", line_number=self._number, text=line)

    def _ends_a_path(self, line: bytes, *, is_frame: bool) -> bool:
        """Whether a line can only be the rest of a path with `)` before a line break: its record is lost.

        In a chain, or behind the blank line of such a path, which looks like the chain's end.
        """
        if self._awaits_chain:
            return bool(self._chain)
        return (
            bool(self._builder.samples)
            and (is_frame or len(line) > grammar.COMM_BYTES)
            and line.endswith(b")\n")
        )

    def _end_chain(self, line: bytes) -> None:
        """Close the sample at the blank line behind its chain."""
        if self._skips:
            self._chain.clear()
            self._skips = False
        if self._chain:
            if not self._awaits_chain:
                raise TraceFormatError("a chain without a sample before", line_number=self._number, text=line)
            self._builder.set_last_stack(self._builder.stack(self._chain))
            self._chain.clear()
        self._awaits_chain = False

    def _new_frame(self, key: bytes, frame: grammar.FrameLine) -> int:
        index = self._builder.frame(frame.address, _text(frame.symbol), _text(frame.dso))
        self._frame_ids[key] = index
        return index

    def _read_header(self, line: bytes, header: grammar.SampleHeader) -> None:
        if self._chain:
            raise TraceFormatError("a chain has no end before", line_number=self._number, text=line)
        self._skips = False
        if header.rest.startswith(b"PERF_RECORD_"):
            self._awaits_chain = False
            self._read_record(line, header)
        elif self._is_foreign(header):
            self._awaits_chain, self._skips = False, True
        else:
            self._read_sample(line, header)

    def _is_foreign(self, header: grammar.SampleHeader) -> bool:
        return bool(self._pids) and header.thread.pid not in self._pids

    def _read_sample(self, line: bytes, header: grammar.SampleHeader) -> None:
        sample = grammar.sample(header.rest)
        if sample is None:
            raise TraceFormatError("no event name in a sample", line_number=self._number, text=line)
        wait_event = _WAIT_EVENTS.get(sample.event)
        if wait_event is not None:
            origin = self._read_wait_event(wait_event, header, sample.tail)
            self._keep(line, header, HeaderKind.WAIT_EVENT, origin)
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
            frame = self._frame_ids.get(key)
            frame = self._new_frame(key, only) if frame is None else frame
            stack = self._builder.stack((frame,))
        comm, _, tid, cpu = header.thread
        origin = self._builder.sample_origin(
            tid=tid, cpu=cpu, event=self._event(sample.event), weight=sample.period
        )
        self._builder.samples_from((header.time_ns,), (origin,), (stack,))
        self._comms[tid] = comm
        self._awaits_chain = only is None
        if not sample.tail:
            self._keep(line, header, HeaderKind.SAMPLE, origin)

    def _keep(self, line: bytes, header: grammar.SampleHeader, kind: HeaderKind, origin: int) -> None:
        if not self._held:  # the whole of it is in one line
            self._known.keep_header(line, header, kind, origin)

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

    def _read_wait_event(self, event: int, header: grammar.SampleHeader, payload: bytes) -> int:
        # Without a chain perf prints one frame behind the payload, at a virtual address: of no use.
        comm, _, tid, _ = header.thread
        self._comms[tid] = comm
        argument = payloads.argument(WAIT_EVENTS[event], payload)
        origin = self._builder.wait_origin(tid=tid, event=event, argument=argument)
        self._builder.wait_events_from((header.time_ns,), (origin,), (NONE,))
        self._awaits_chain = True
        return origin

    def _read_record(self, line: bytes, header: grammar.SampleHeader) -> None:
        name, *words = header.rest.decode(errors="replace").replace(":", " ").split()
        try:
            if name in _SWITCHES:
                switched_in, preempted = bool(("OUT", "IN").index(words[0])), words[1:2] == ["preempt"]
                self._read_switch(line, header, switched_in=switched_in, preempted=preempted)
            elif name == "PERF_RECORD_LOST":
                self._lost += int(words[-1])
            elif name == "PERF_RECORD_LOST_SAMPLES":
                self._lost_samples += int(words[-1])
        except (IndexError, ValueError) as error:
            raise TraceFormatError(f"{name} not understood", line_number=self._number, text=line) from error

    def _read_switch(
        self, line: bytes, header: grammar.SampleHeader, *, switched_in: bool, preempted: bool
    ) -> None:
        comm, _, tid, cpu = header.thread
        origin = NONE
        if not self._is_foreign(header):
            origin = self._builder.switch_origin(
                tid=tid, cpu=cpu, switched_in=switched_in, preempted=preempted
            )
            self._builder.switches_from((header.time_ns,), (origin,))
            self._comms[tid] = comm
        self._keep(line, header, HeaderKind.SWITCH, origin)


def _text(name: bytes | None) -> str | None:
    return None if name is None else name.decode(errors="replace")
