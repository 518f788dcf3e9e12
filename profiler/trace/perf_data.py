"""perf.data as it lies on the disk: its events, and its records one after another.

Source of the format: tools/perf/Documentation/perf.data-file-format.txt, and `perf_event_attr` and
`perf_event_header` in include/uapi/linux/perf_event.h. Read is what `perf record` writes into a file on a
64-bit little-endian machine; not what it writes into a pipe, nor with `--compression-level`.
"""

from __future__ import annotations

import contextlib
import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC = b"PERFILE2"
"""What perf.data begins with."""
SAMPLE = 9
"""PERF_RECORD_SAMPLE."""
SOFTWARE = 1
"""PERF_TYPE_SOFTWARE."""
CONTEXT_SWITCHES = 3
"""PERF_COUNT_SW_CONTEXT_SWITCHES."""
IDENTIFIER = 1 << 16
"""PERF_SAMPLE_IDENTIFIER: a sample begins with the number of its event."""
_IP, _TID, _TIME = 1 << 0, 1 << 1, 1 << 2
"""PERF_SAMPLE_IP and so on: what a sample has behind that, eight bytes each, in this order."""
_NO_TIME = 1 << 63
"""Nanoseconds that no clock has reached."""

RECORD = struct.Struct("<IHH")
"""type, misc, size; a record's size counts these, too."""
NUMBER = struct.Struct("<Q")
_HEADER = struct.Struct("<8s7Q")
"""magic, size, attr_size, and offset and size of: attrs, data, event types."""
_ATTRIBUTE = struct.Struct("<IIQQQ")
"""type, size, config, sample_period, sample_type."""
_SECTION = struct.Struct("<QQ")


@dataclass(frozen=True, slots=True)
class Event:
    """One that was recorded."""

    type: int
    config: int
    sample_type: int
    ids: tuple[int, ...]
    """The numbers by which its samples tell that they are its: one for each place where it was opened."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is where."""

    events: tuple[Event, ...]
    begin: int
    """Of the records, in bytes from the file's beginning."""
    end: int


@contextlib.contextmanager
def mapped(perf_data: Path, *, writable: bool = False) -> Iterator[memoryview]:
    """Yield a file's content where it lies; `ValueError` if there is none, `OSError` if it can't be had."""
    access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
    with (
        perf_data.open("r+b" if writable else "rb") as file,
        mmap.mmap(file.fileno(), 0, access=access) as pages,
        memoryview(pages) as data,
    ):
        yield data


def read_layout(data: memoryview) -> Layout:
    """Read a file's header; `ValueError` for what is no such file, or ends within it."""
    whole = range(len(data) + 1)
    try:
        magic, _, size, attributes, attributes_size, begin, length, _ = _HEADER.unpack_from(data)
        if magic != MAGIC or size < _ATTRIBUTE.size + _SECTION.size:
            raise ValueError("not a file that perf record wrote")
        if attributes + attributes_size not in whole:
            raise ValueError("it ends within its header")
        events = []
        for offset in range(attributes, attributes + attributes_size, size):
            kind, _, config, _, sample_type = _ATTRIBUTE.unpack_from(data, offset)
            at, bytes_of_ids = _SECTION.unpack_from(data, offset + size - _SECTION.size)
            if at + bytes_of_ids not in whole:
                raise ValueError("it ends within its header")
            ids = struct.unpack_from(f"<{bytes_of_ids // NUMBER.size}Q", data, at)
            events.append(Event(kind, config, sample_type, ids))
    except struct.error as error:
        raise ValueError(f"its header is damaged: {error}") from error
    return Layout(tuple(events), begin, begin + length)


def samples(data: memoryview, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Return where each sample behind its header begins, and its event's number (of `IDENTIFIER`).

    Ends at `end`, and where a record can't be one or is not all there.
    """
    end = min(end, len(data))
    at = begin
    while at + RECORD.size <= end:
        kind, _, size = RECORD.unpack_from(data, at)
        if size < RECORD.size or at + size > end:
            return
        if kind == SAMPLE and size >= RECORD.size + NUMBER.size:
            yield at + RECORD.size, NUMBER.unpack_from(data, at + RECORD.size)[0]
        at += size


def recorded_span_ns(perf_data: Path) -> tuple[int, int] | None:
    """Return when the first sample in a file was taken, and the last one, by the recording's clock.

    A file has an order of its own, so that others may be a little earlier or later. None where that is not
    told: samples without times, events whose samples differ, a file of another kind.
    """
    try:
        with mapped(perf_data) as data:
            return _span_ns(data, read_layout(data))
    except ValueError:
        return None


def _span_ns(data: memoryview, layout: Layout) -> tuple[int, int] | None:
    places = {_time_at(event.sample_type) for event in layout.events}
    place = places.pop() if len(places) == 1 else None
    if place is None:
        return None
    first = last = None
    for at, _ in samples(data, layout.begin, layout.end):
        first, last = at if first is None else first, at
    if first is None or last is None or last + place + NUMBER.size > len(data):
        return None
    times = [NUMBER.unpack_from(data, at + place)[0] for at in (first, last)]
    return (min(times), max(times)) if max(times) < _NO_TIME else None


def _time_at(sample_type: int) -> int | None:
    """Return where a sample has its time, in bytes from its beginning; None where it has none."""
    before = sum(bool(sample_type & field) for field in (IDENTIFIER, _IP, _TID))
    return before * NUMBER.size if sample_type & _TIME else None
