from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.record.space import LEAST_BYTES, Room, SizeBound, recording_bytes, room, sample_bytes_a_second
from profiler.run.manifest import PerfSettings

if TYPE_CHECKING:
    from pathlib import Path

MB = 1_000_000
SETTINGS = PerfSettings("cpu-clock", 1000, 8192, "6.1")


def test_a_recording_grows_with_time_and_what_is_sampled() -> None:
    def grown(seconds: float, cpus: float) -> int:
        return recording_bytes(SETTINGS, seconds, cpus, 0.0) - LEAST_BYTES

    assert grown(10, 2) == pytest.approx(20 * grown(1, 1), abs=20)
    assert grown(1, 1) >= sample_bytes_a_second(1000, 8192) > 8_000_000


@pytest.mark.parametrize(
    ("space", "missing", "warning"),
    [
        (Room(100 * MB, 1000 * MB), "", ""),
        (Room(600 * MB, 1000 * MB), "", "perf.data may take 600 MB of the 1,000 MB that are free"),
        (Room(600 * MB, 500 * MB), "it would take about 600 MB, and 500 MB are free", None),
        (
            Room(600 * MB, 500 * MB, 100 * MB),
            "",
            "perf.data may take 600 MB: the profile phase ends when it has 100",
        ),
        (Room(600 * MB, 100 * MB, 100 * MB), "it would take about 117 MB, and 100 MB are free", None),
        (Room(50 * MB, 1000 * MB, 100 * MB), "", ""),
    ],
)
def test_what_is_said_of_room(space: Room, missing: str, warning: str | None) -> None:
    assert space.missing == missing
    if warning is not None:
        assert space.warning.startswith(warning)
        assert bool(space.warning) == bool(warning)


def test_room_is_that_of_the_folder_s_disk(tmp_path: Path) -> None:
    assert room(tmp_path, 1, None).free > 1


def test_a_bound_is_reached_once_and_for_all(tmp_path: Path) -> None:
    file = tmp_path / "perf.data"
    bound, boundless = SizeBound(file, 10), SizeBound(file, None)
    assert not bound.check(), "there is no file yet"
    file.write_bytes(b"123456789")
    assert not bound.check()
    file.write_bytes(b"1234567890")
    assert bound.check()
    file.write_bytes(b"")
    assert bound.check()
    assert not boundless.check()
