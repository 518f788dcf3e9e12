"""A ring's bytes: what is read of them once, what is lost, and what is believed."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.record.marks.ring import HEADER, MAGIC, RECORD, RingReader, RingShape, read_shape

SHAPE = RingShape(records=256, pid=7)
NOW = 1_000_000


class Ring:
    """A ring as a program would fill it."""

    def __init__(self) -> None:
        self.content = bytearray(SHAPE.bytes)

    def write(self, number: int, start: int, end: int, tid: int = 7, *, finished: bool = True) -> None:
        slot = HEADER.size + number % SHAPE.records * RECORD.itemsize
        written = struct.pack("<2q2IQ", start, end, tid, 0, number)
        length = RECORD.itemsize if finished else 24  # the number comes last
        self.content[slot : slot + length] = written[:length]

    def reader(self) -> RingReader:
        return RingReader(SHAPE, bytes(self.content))

    def taken(self, reader: RingReader, *, now: int = NOW) -> list[tuple[int, int, int]]:
        marks = reader.take(bytes(self.content), bytes(self.content), now)
        return list(zip(marks.start_ns.tolist(), marks.end_ns.tolist(), marks.tid.tolist(), strict=True))


def header(**changes: int | bytes) -> bytes:
    fields = {"magic": MAGIC, "version": 1, "record": RECORD.itemsize, "records": 256, "pid": 7} | changes
    return HEADER.pack(*fields.values())


def test_a_header_says_the_shape() -> None:
    assert read_shape(header()) == SHAPE
    assert SHAPE.bytes == 64 + 256 * 32


@pytest.mark.parametrize(
    "changes",
    [
        {"magic": b"otherone"},
        {"version": 2},
        {"record": 40},
        {"records": 0},
        {"records": 1 << 30},
        {"pid": 0},
    ],
)
def test_another_header_is_no_ring(changes: dict[str, int | bytes]) -> None:
    assert read_shape(header(**changes)) is None
    assert read_shape(header()[:40]) is None


def test_records_are_taken_once_in_the_order_of_their_ends() -> None:
    ring = Ring()
    ring.write(1, 10, 20)
    reader = ring.reader()
    assert ring.taken(reader) == []
    ring.write(3, 30, 35)
    ring.write(2, 25, 40, tid=8)
    assert ring.taken(reader) == [(30, 35, 7), (25, 40, 8)]
    assert ring.taken(reader) == []
    assert reader.lost == 0


def test_a_record_that_is_being_written_is_taken_when_it_is_finished() -> None:
    ring = Ring()
    reader = ring.reader()
    ring.write(1, 10, 20, finished=False)
    ring.write(2, 30, 40)
    assert ring.taken(reader) == [(30, 40, 7)]
    ring.write(1, 10, 20)
    assert ring.taken(reader) == [(10, 20, 7)]
    assert reader.lost == 0


def test_readings_that_differ_are_not_believed() -> None:
    ring = Ring()
    reader = ring.reader()
    ring.write(1, 10, 20)
    torn = bytes(ring.content)
    ring.write(1, 12, 20)
    assert reader.take(torn, bytes(ring.content), NOW).tid.size == 0
    assert ring.taken(reader) == [(12, 20, 7)]


def test_what_is_overwritten_or_about_to_be_is_lost() -> None:
    ring = Ring()
    reader = ring.reader()
    for number in range(1, 401):
        ring.write(number, 10 * number, 10 * number + 5)
    taken = ring.taken(reader)
    assert [start for start, _, _ in taken] == [10 * number for number in range(209, 401)]
    assert reader.lost == 400 - len(taken)
    ring.write(401, 10, 15)
    assert ring.taken(reader) == [(10, 15, 7)]


@pytest.mark.parametrize("times", [(20, 10), (0, 10), (10, NOW + 1), (-5, 10)])
def test_times_that_can_not_be_are_damage(times: tuple[int, int]) -> None:
    ring = Ring()
    reader = ring.reader()
    ring.write(1, *times)
    ring.write(2, 10, 20)
    assert ring.taken(reader) == [(10, 20, 7)]
    assert reader.damaged == 1


@given(st.binary(min_size=64, max_size=2000), st.integers(0, 255), st.integers(0, 255))
def test_whatever_is_there_only_sensible_requests_come_out(noise: bytes, first: int, second: int) -> None:
    ring = Ring()
    reader = ring.reader()
    for slot in (first, second):
        begin = HEADER.size + slot * RECORD.itemsize
        ring.content[begin : begin + len(noise)] = noise
    del ring.content[SHAPE.bytes :]
    ring.write(5, 10, 20)
    for start, end, tid in ring.taken(reader):
        assert 0 < start <= end <= NOW
        assert tid > 0
    assert ring.taken(reader) == []
    assert reader.lost >= 0
