from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from profiler.trace import switch_ids
from profiler.trace.perf_data import (
    CONTEXT_SWITCHES,
    IDENTIFIER,
    MAGIC,
    SAMPLE,
    SOFTWARE,
    Event,
    read_layout,
)

if TYPE_CHECKING:
    from pathlib import Path

CLOCK = Event(SOFTWARE, 0, IDENTIFIER, (10, 11))
SWITCHES = Event(SOFTWARE, CONTEXT_SWITCHES, IDENTIFIER | 1, (12, 13))
MMAP2 = 10
STRANGER = 77
HEADER_BYTES = 104
ATTRIBUTE_BYTES = 144


def record(kind: int, number: int, rest: bytes = b"") -> bytes:
    return struct.pack("<IHHQ", kind, 2, 16 + len(rest), number) + rest


def recording(*records: bytes, events: tuple[Event, ...] = (CLOCK, SWITCHES)) -> bytes:
    """Return a file as `perf record` writes it: header, numbers, attributes, records."""
    numbers, attributes, at = b"", b"", HEADER_BYTES
    for event in events:
        of_event = struct.pack(f"<{len(event.ids)}Q", *event.ids)
        described = struct.pack("<IIQQQ", event.type, 128, event.config, 1, event.sample_type)
        section = struct.pack("<QQ", at + len(numbers), len(of_event))
        attributes += described.ljust(ATTRIBUTE_BYTES - 16, b"\0") + section
        numbers += of_event
    data, begin = b"".join(records), at + len(numbers) + len(attributes)
    places = (HEADER_BYTES, ATTRIBUTE_BYTES, at + len(numbers), len(attributes), begin, len(data), 0, 0)
    header = (MAGIC + struct.pack("<8Q", *places)).ljust(HEADER_BYTES, b"\0")
    return header + numbers + attributes + data + b"features"


def mended(path: Path, content: bytes) -> tuple[int, bytes]:
    path.write_bytes(content)
    return switch_ids.mend(path), path.read_bytes()


def test_a_header_says_what_was_recorded() -> None:
    layout = read_layout(memoryview(recording(record(SAMPLE, 10))))
    assert layout.events == (CLOCK, SWITCHES)
    assert layout.end - layout.begin == 16


def test_samples_of_strangers_are_our_switches(tmp_path: Path) -> None:
    stray = record(SAMPLE, STRANGER, struct.pack("<Q", STRANGER))
    count, content = mended(
        tmp_path / "perf.data",
        recording(record(SAMPLE, 11), stray, record(MMAP2, STRANGER), stray, record(SAMPLE, 13)),
    )
    ours = record(SAMPLE, 12, struct.pack("<Q", STRANGER))
    assert count == 2
    assert content == recording(
        record(SAMPLE, 11), ours, record(MMAP2, STRANGER), ours, record(SAMPLE, 13)
    ), "nothing else has changed"


@pytest.mark.parametrize(
    "events",
    [(CLOCK,), (CLOCK, SWITCHES, SWITCHES), (CLOCK, Event(SOFTWARE, CONTEXT_SWITCHES, 1, (12,)))],
    ids=["none", "two", "samples without numbers"],
)
def test_without_one_event_of_switches_nobody_knows_whose_they_are(
    events: tuple[Event, ...], tmp_path: Path
) -> None:
    content = recording(record(SAMPLE, STRANGER), events=events)
    assert mended(tmp_path / "perf.data", content) == (0, content)


def test_what_is_no_whole_recording_is_left_alone(tmp_path: Path) -> None:
    whole = recording(record(SAMPLE, 10), record(SAMPLE, 12))
    damaged = [whole[:cut] for cut in range(len(whole) - len(b"features"))]
    # A record of no size, on which a reader might stand for ever; one that goes on behind the end.
    damaged += [recording(struct.pack("<IHHQ", SAMPLE, 2, size, STRANGER)) for size in (0, 7, 999)]
    damaged += [b"PERFFILE" + whole[8:], MAGIC + b"\xff" * 200]
    for content in damaged:
        assert mended(tmp_path / "perf.data", content) == (0, content)
