"""What perf prints again and again, known by its bytes: headers but for their times, and whole call chains.

Few of either are distinct (16,200 chains of 538,248 samples), so that most of the text need be neither taken
apart nor looked at line by line.
"""

from __future__ import annotations

import itertools
import operator
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.trace.text_lines import SampleHeader
    from profiler.trace.trace_builder import TraceBuilder

MOST_HEADERS = 16384
"""That are kept at once: threads times CPUs, times threads where a switch names two; each second has its own,
and hardware counters have another period in each."""
MOST_CHAIN_BYTES = 64 << 20
"""Of the chains that are kept: a recording whose chains are all distinct would fill the memory."""

FRACTION = 9
"""Digits of the nanoseconds, the last of a time."""
SECOND_NS = 10**FRACTION
_CHAIN_END = re.compile(rb"\n\n")
"""It is searched for in half the time that `bytes.find` takes."""


class HeaderKind(Enum):
    """What a header begins."""

    SAMPLE = 0
    SWITCH = 1
    WAIT_EVENT = 2


class KnownHeader(NamedTuple):
    """What a header, or the record of a switch, says but for the nanoseconds of its time."""

    second_ns: int
    """When its second begins."""
    comm: bytes
    tid: int
    kind: HeaderKind
    origin: int
    """As `TraceBuilder` numbers those of a kind; NONE for what is of a process that nobody asked for."""


class KnownChain(NamedTuple):
    """A call chain that was read before."""

    text: bytes
    """With the blank line behind it."""
    lines: int
    """How many these are."""
    stack: int
    """As `TraceBuilder` numbers them."""


class KnownText:
    """The headers and the chains that were read, and what they were read as."""

    def __init__(self) -> None:
        self._headers: dict[tuple[bytes, bytes], KnownHeader] = {}
        self._chains: dict[bytes, KnownChain] = {}
        self._last_chains: dict[bytes, KnownChain] = {}
        """By their leaves, the last of each: nine samples in ten have it, and to compare is cheaper than to
        look for a chain's end and for its text."""
        self._chain_bytes = 0

    def chain(self, text: bytes) -> KnownChain | None:
        """Return what a whole chain was read as, the blank line behind it included; None for a new one."""
        known = self._chains.get(text)
        if known is not None:
            self._last_chains[_first_line(text)] = known
        return known

    def keep_chain(self, known: KnownChain) -> None:
        """Remember what a whole chain was read as."""
        if self._chain_bytes + len(known.text) <= MOST_CHAIN_BYTES:
            self._chain_bytes += len(known.text)
            self._chains[known.text] = self._last_chains[_first_line(known.text)] = known

    def keep_header(self, line: bytes, header: SampleHeader, kind: HeaderKind, origin: int) -> None:
        """Remember what a line says, unless a name in it has what stands behind its time: `: `."""
        before, _, behind = line.partition(b": ")
        second, nanoseconds = divmod(header.time_ns, SECOND_NS)
        if before == b"%s%d.%09d" % (header.before, second, nanoseconds):
            if len(self._headers) == MOST_HEADERS:
                self._headers.clear()
            comm, _, tid, _ = header.thread
            known = KnownHeader(second * SECOND_NS, comm, tid, kind, origin)
            self._headers[before[:-FRACTION], behind] = known

    def take(
        self, text: bytes, at: int, builder: TraceBuilder, comms: dict[int, bytes]
    ) -> tuple[int, int, bool]:
        """Add what is known from `at` on, a line behind a chain, until something is new or cut off.

        Return where that begins, how many lines were taken, and whether it may be the chain of the sample or
        the wait event that was added last. `comms` are the names by thread.
        """
        headers, last_chains = self._headers, self._last_chains
        line_end, switch = text.find, HeaderKind.SWITCH
        switched: list[int] = []
        switch_origins: list[int] = []
        rows: list[tuple[HeaderKind, int, int, int]] = []
        lines = 0
        awaits_chain = False
        while end := line_end(b"\n", at) + 1:
            before, _, behind = text[at:end].partition(b": ")
            header = headers.get((before[:-FRACTION], behind))
            if header is None or not (nanoseconds := before[-FRACTION:]).isdigit():
                break
            second_ns, comm, tid, kind, origin = header
            lines += 1
            at = end
            if kind is switch:
                awaits_chain = False
                if origin != NONE:
                    comms[tid] = comm
                    switched.append(second_ns + int(nanoseconds))
                    switch_origins.append(origin)
                continue
            comms[tid] = comm
            chain = last_chains.get(text[at : line_end(b"\n", at) + 1])
            if chain is not None and text.startswith(chain.text, at):
                awaits_chain = False
                stack = chain.stack
                lines += chain.lines
                at += len(chain.text)
            else:
                awaits_chain = True
                stack = NONE
            rows.append((kind, second_ns + int(nanoseconds), origin, stack))
            if awaits_chain and (at == len(text) or begins_chain(text, at)):
                break
        builder.switches_from(switched, switch_origins)
        for kind, group in itertools.groupby(rows, key=operator.itemgetter(0)):
            _, times_ns, origins, stacks = zip(*group, strict=True)
            add = builder.samples_from if kind is HeaderKind.SAMPLE else builder.wait_events_from
            add(times_ns, origins, stacks)
        return at, lines, awaits_chain


def begins_chain(text: bytes, at: int) -> bool:
    """Whether a frame, or the blank line that ends a chain without any, seems to begin there."""
    return text.startswith((b"\t", b"\n"), at)


def chain_end(text: bytes, at: int, searched: int = 0) -> int | None:
    """Return where the chain ends that begins at `at`, behind its blank line; None if it is not whole.

    Before `searched` none ends.
    """
    if text.startswith(b"\n", at):
        return at + 1
    found = _CHAIN_END.search(text, max(at, searched))
    return None if found is None else found.end()


def _first_line(text: bytes) -> bytes:
    return text[: text.find(b"\n") + 1]
