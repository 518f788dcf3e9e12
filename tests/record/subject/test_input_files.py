"""Input files may come from a stranger: what they hold is checked, nothing in them is executed."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.record.subject.input_files import handed_over, read_archive, read_array
from profiler.spec.inputs import Inputs, Source


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def handed(inputs: Inputs) -> list[dict[str, Any]]:
    """Return the sets that the workload would read."""
    with handed_over(inputs) as given_to:
        if given_to.path is None:
            return []
        with np.load(given_to.path, allow_pickle=False) as stored:
            sets = [
                {
                    name: [stored[key].tolist() for key in keys]
                    if isinstance(keys, list)
                    else stored[keys].tolist()
                    for name, keys in by_name.items()
                }
                for by_name in given_to.sets
            ]
    assert not Path(given_to.path).exists()
    return sets


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int64).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(3, np.float16),
        np.array(["a", "bc"]),
        np.zeros((0, 4), np.uint8),
    ],
)
def test_arrays_read_back(array: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array)
    read = read_array(tmp_path / "a.npy")
    assert read.dtype == array.dtype
    assert read.tolist() == array.tolist()


def test_a_folder_is_a_set_a_file_in_order(tmp_path: Path) -> None:
    for number, name in enumerate(("b", "a", "c")):
        npz(tmp_path / f"{name}.npz", x=np.array([number]))
    (tmp_path / "notes.txt").write_text("no input")
    assert handed(Inputs(files=str(tmp_path))) == [{"x": [1]}, {"x": [0]}, {"x": [2]}]


def test_a_named_file_wins_and_a_drawn_one_is_left_to_the_workload(tmp_path: Path) -> None:
    archive = npz(tmp_path / "a.npz", x=np.array([1]), y=np.array([2]), z=np.array([3]))
    np.save(tmp_path / "x.npy", np.array([9]))
    named = {"x": Source(file=str(tmp_path / "x.npy")), "y": Source(numbers=(1.0,))}
    assert handed(Inputs(files=str(archive), named=named)) == [{"x": [9], "z": [3]}]


def test_parts_of_a_sequence_are_one_input(tmp_path: Path) -> None:
    archive = npz(tmp_path / "a.npz", **{"s/1": np.array([2]), "s/0": np.array([1]), "x": np.array([3])})
    assert handed(Inputs(files=str(archive))) == [{"x": [3], "s": [[1], [2]]}]
    with pytest.raises(UsageError, match="the parts of 's' are not numbered 0, 1, 2"):
        read_archive(npz(tmp_path / "b.npz", **{"s/1": np.array([2])}))


def test_nothing_named_hands_nothing_over() -> None:
    assert handed(Inputs()) == []


class Evil:
    """Makes a file when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("evil",)


def test_pickled_objects_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "a.npy", np.array([Evil()], dtype=object), allow_pickle=True)
    npz(tmp_path / "b.npz", x=np.array([Evil()], dtype=object))
    (tmp_path / "c.npz").write_bytes(pickle.dumps(Evil()))
    for read, name in ((read_array, "a.npy"), (read_archive, "b.npz"), (read_archive, "c.npz")):
        with pytest.raises(UsageError, match=name):
            read(tmp_path / name)
    assert not Path("evil").exists()


def test_a_header_that_claims_more_than_there_is_allocates_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(100))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content.replace(b"(100,), }       ", b"(100000000000,)}"))
    with pytest.raises(UsageError, match="800 bytes are no array of shape"):
        read_array(tmp_path / "a.npy")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(1 << 20))
    with pytest.raises(UsageError, match="it unpacks to more than 1 MiB"):
        read_archive(path, 1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.npy", b"x")
    with pytest.raises(UsageError, match="packed in another way"):
        read_archive(path)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.npy")
    with pytest.raises(UsageError, match="FIFO"):
        read_array(tmp_path / "a.npy")
    with pytest.raises(UsageError, match=r"can't be read"):
        read_archive(tmp_path / "missing.npz")
    with pytest.raises(UsageError, match=r"no \.npz file in this folder"):
        handed(Inputs(files=str(tmp_path)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_damaged_files_are_errors_that_name_them(tmp_path: Path, data: st.DataObject) -> None:
    path = npz(tmp_path / "a.npz", x=np.arange(20), y=np.array(["a"]))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    said = str(path)
    try:
        read_archive(path)
    except UsageError as error:
        said = error.message
    assert str(path) in said
