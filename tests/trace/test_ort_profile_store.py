from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from profiler.trace import npz, ort_profile_store
from profiler.trace.ort_profile import OrtProfile
from profiler.trace.parse_error import TraceFileError

GOLDEN = sorted((Path(__file__).parents[1] / "data" / "ort").glob("*.json"))


def plain(profile: OrtProfile) -> dict[str, Any]:
    values = {field.name: getattr(profile, field.name) for field in dataclasses.fields(profile)}
    return {
        name: (value.dtype.str, value.tolist()) if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "operators.npz"
    ort_profile_store.save(path, ort_profile_store.read_text(GOLDEN[-1]))
    return path


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_round_trip(golden: Path, tmp_path: Path) -> None:
    profile = ort_profile_store.read_text(golden)
    path = tmp_path / "operators.npz"
    ort_profile_store.save(path, profile)
    assert plain(ort_profile_store.load(path)) == plain(profile)
    assert path.stat().st_size < golden.stat().st_size / 5


def test_a_profile_without_events_is_kept(tmp_path: Path) -> None:
    ints, longs = np.zeros(0, np.int32), np.zeros(0, np.int64)
    empty = OrtProfile(ints, ints, longs, longs, longs, longs, longs, (), (), 0)
    ort_profile_store.save(tmp_path / "operators.npz", empty)
    assert plain(ort_profile_store.load(tmp_path / "operators.npz")) == plain(empty)


@pytest.mark.parametrize(
    ("name", "column", "reason"),
    [
        ("schema", np.frombuffer(b"another", np.uint8), "not operators"),
        ("schema", None, "not operators"),
        ("tid", None, "'tid' is missing"),
        ("tid", np.zeros(3, np.int32), "differ in length"),
        ("run_start_ns", np.zeros(9, np.int64), "differ in length"),
        ("unread", np.zeros(2, np.int64), "not one number"),
        ("names.ends", np.zeros(0, np.int64), "don't end where they should"),
        ("start_ns", "late", "times that can't be"),
        ("wait_ns", "negative", "times that can't be"),
        ("node", "outside", "points outside"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    stored: Path, name: str, column: np.ndarray | str | None, reason: str
) -> None:
    columns = npz.read(stored)
    filled = {"late": 2**62, "negative": -2, "outside": 1000}
    if isinstance(column, str):
        column = np.full_like(columns[name], filled[column])
    columns.pop(name)
    npz.write(stored, columns if column is None else {**columns, name: column})
    with pytest.raises(TraceFileError, match=reason):
        ort_profile_store.load(stored)


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "operators.npz"
    with pytest.raises(TraceFileError, match="No such file"):
        ort_profile_store.load(path)
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(TraceFileError, match="zip"):
        ort_profile_store.load(path)


def test_every_type_belongs_to_a_node(stored: Path) -> None:
    profile = ort_profile_store.load(stored)
    ort_profile_store.save(stored, dataclasses.replace(profile, types=profile.types[1:]))
    with pytest.raises(TraceFileError, match="not every node has a type"):
        ort_profile_store.load(stored)
