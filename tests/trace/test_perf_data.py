"""When a file was recorded, without perf."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from profiler.trace.perf_data import IDENTIFIER, SAMPLE, SOFTWARE, Event, recorded_span_ns
from tests.trace.test_switch_ids import MMAP2, record, recording

if TYPE_CHECKING:
    from pathlib import Path

IP, TID, TIME = 1, 2, 4
TIMED = Event(SOFTWARE, 0, IDENTIFIER | IP | TID | TIME, (10, 11))


def sample(time_ns: int, *, before: int = 2) -> bytes:
    """Return one whose time stands behind its number and so many other fields."""
    return record(SAMPLE, 10, struct.pack(f"<{before + 1}Q", *range(before), time_ns))


def span(path: Path, content: bytes) -> tuple[int, int] | None:
    path.write_bytes(content)
    return recorded_span_ns(path)


def test_from_the_first_sample_to_the_last_one(tmp_path: Path) -> None:
    mapping = record(MMAP2, 10, struct.pack("<3Q", 0, 0, 1))
    records = (mapping, sample(500), sample(700), sample(600), mapping)
    assert span(tmp_path / "perf.data", recording(*records, events=(TIMED,))) == (500, 600)


def test_a_file_out_of_order_ends_after_it_begins(tmp_path: Path) -> None:
    assert span(tmp_path / "perf.data", recording(sample(700), sample(500), events=(TIMED,))) == (500, 700)


def test_without_a_number_the_time_is_earlier(tmp_path: Path) -> None:
    alone = Event(SOFTWARE, 0, IP | TID | TIME, (10,))
    assert span(tmp_path / "perf.data", recording(sample(500, before=1), events=(alone,))) == (500, 500)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PERFILE2",
        recording(events=(TIMED,)),
        recording(sample(500), sample(1 << 63), events=(TIMED,)),
        recording(sample(500), events=(Event(SOFTWARE, 0, IDENTIFIER | IP | TID, (10,)),)),
        recording(sample(500), events=(TIMED, Event(SOFTWARE, 3, IDENTIFIER | TIME, (12,)))),
        recording(record(SAMPLE, 10), events=(TIMED,)).removesuffix(b"features"),
    ],
    ids=["empty", "no header", "no samples", "no clock's", "no times", "two layouts", "ends before the time"],
)
def test_otherwise_it_is_not_told(tmp_path: Path, content: bytes) -> None:
    assert span(tmp_path / "perf.data", content) is None
