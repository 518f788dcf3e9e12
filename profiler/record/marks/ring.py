"""The ring of marks in a program's memory, as bytes and as columns. Pure; docs/marks.md has the format."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.ranges import LAST_TID

if TYPE_CHECKING:
    from profiler.arrays import Column, Int64s

NAME = "ortprof-marks"
MAGIC = b"ortmarks"
VERSION = 1
HEADER = struct.Struct("<8s4I40x")
RECORD = np.dtype([("start", "<i8"), ("end", "<i8"), ("tid", "<u4"), ("unused", "<u4"), ("number", "<u8")])
MOST_RECORDS = 1 << 16
OVERWRITTEN_NEXT = 64
"""Records that writers may be at, so that they are not read any more: as many as threads that end at once."""


@dataclass(frozen=True, slots=True)
class RingShape:
    """What a ring's header says."""

    records: int
    pid: int
    """Of the process that writes it, as that knows itself."""

    @property
    def bytes(self) -> int:
        """Length of the whole ring."""
        return HEADER.size + self.records * RECORD.itemsize


@dataclass(frozen=True, slots=True)
class RingMarks:
    """Requests that a process marked, in the order of their ends. All columns have the same length."""

    start_ns: Int64s
    """CLOCK_MONOTONIC; so is the next."""
    end_ns: Int64s
    tid: Int64s
    """The thread that ended it, as its process knows it."""


def read_shape(header: bytes) -> RingShape | None:
    """Return what a header says; None for what is no ring of a version that is known, or not made yet."""
    if len(header) < HEADER.size:
        return None
    magic, version, record_bytes, records, pid = HEADER.unpack_from(header)
    if (magic, version, record_bytes) != (MAGIC, VERSION, RECORD.itemsize):
        return None
    if not 2 * OVERWRITTEN_NEXT <= records <= MOST_RECORDS or not 1 <= pid <= LAST_TID:
        return None
    return RingShape(records, pid)


class RingReader:
    """Takes each record of a ring once, from readings of all its bytes."""

    def __init__(self, shape: RingShape, content: bytes) -> None:
        """Begin behind what `content` has."""
        self._shape = shape
        self._taken = self._rows(content)["number"].astype(np.int64)
        self._first = self._newest = int(self._taken.max(initial=0))
        self._count = 0
        self.damaged = 0
        """Records that make no sense: the program overwrote its memory, or is none of ours."""

    @property
    def lost(self) -> int:
        """How many records were overwritten before they were read; those being written are among them."""
        return max(0, self._newest - self._first - self._count - self.damaged)

    def take(self, content: bytes, again: bytes, now_ns: int) -> RingMarks:
        """Return the records that are new, of two readings that follow each other, the second until `now_ns`.

        The writer writes a record's number last. Where memory shows it earlier, the readings differ.
        """
        rows = self._rows(content)
        slots = np.arange(self._shape.records)
        number = rows["number"].astype(np.int64)
        # Numbers of more than 63 bits become negative: none of ours.
        fresh = (number != self._taken) & (rows == self._rows(again))
        sound = fresh & (number > 0) & (number % self._shape.records == slots) & _sensible(rows, now_ns)
        self.damaged += int((fresh & ~sound).sum())
        self._newest = max(self._newest, int(number[sound].max(initial=0)))
        self._taken[fresh] = number[fresh]
        kept = rows[sound & (number > self._newest - self._shape.records + OVERWRITTEN_NEXT)]
        kept = kept[np.argsort(kept["end"], kind="stable")]
        self._count += kept.size
        return RingMarks(kept["start"].copy(), kept["end"].copy(), kept["tid"].astype(np.int64))

    def _rows(self, content: bytes) -> Column:
        return np.frombuffer(content, RECORD, self._shape.records, HEADER.size)


def _sensible(rows: Column, now_ns: int) -> Column:
    start, end, tid = rows["start"], rows["end"], rows["tid"]
    return np.asarray(
        (start > 0)
        & (start <= end)
        & (end <= now_ns)
        & (tid >= 1)
        & (tid <= LAST_TID)
        & (rows["unused"] == 0)
    )
