from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import MachineError
from profiler.models import model_cache

if TYPE_CHECKING:
    from pathlib import Path


def store(folder: Path, content: bytes = b"a model", **changes: object) -> tuple[Path, model_cache.Record]:
    path = model_cache.model_path(folder, "m")
    with model_cache.replacing(path) as file:
        file.write(content)
    fields: dict[str, Any] = {
        "graph_version": 1,
        "weights": "source s",
        "source": "s",
        "parameters": 3,
        "size": len(content),
        "mtime_ns": path.stat().st_mtime_ns,
        "sha256": model_cache._sha256(path),
    }
    record = model_cache.Record(**{**fields, **changes})
    model_cache.store_record(folder, "m", record)
    return path, record


def find(folder: Path, *, thorough: bool = False) -> model_cache.Record | model_cache.Fault | None:
    return model_cache.find(folder, "m", graph_version=1, thorough=thorough)


def test_an_empty_cache_holds_nothing(tmp_path: Path) -> None:
    assert find(tmp_path / "never made") is None


@pytest.mark.parametrize("thorough", [False, True])
def test_a_sound_file_is_found(tmp_path: Path, thorough: bool) -> None:
    _, record = store(tmp_path)
    assert find(tmp_path, thorough=thorough) == record


def test_a_source_whose_path_is_no_utf_8_is_kept(tmp_path: Path) -> None:
    _, record = store(tmp_path, source="/models/\udcff")
    assert find(tmp_path) == record


def test_a_changed_byte_is_seen_by_the_checksum(tmp_path: Path) -> None:
    path, _ = store(tmp_path)
    path.write_bytes(b"a model"[::-1])
    assert find(tmp_path) == model_cache.Fault("is damaged (its checksum differs)", "s")


def test_a_changed_byte_under_the_old_time_is_seen_by_a_thorough_look(tmp_path: Path) -> None:
    path, record = store(tmp_path)
    path.write_bytes(b"A model")
    os.utime(path, ns=(record.mtime_ns, record.mtime_ns))
    assert find(tmp_path, thorough=True) == model_cache.Fault("is damaged (its checksum differs)", "s")


def test_a_truncated_file_is_seen(tmp_path: Path) -> None:
    path, _ = store(tmp_path)
    path.write_bytes(b"a")
    assert find(tmp_path) == model_cache.Fault("is damaged (1 bytes, not 7)", "s")


def test_a_touched_file_is_hashed_once(tmp_path: Path) -> None:
    path, record = store(tmp_path)
    os.utime(path, ns=(5, 5))
    renewed = find(tmp_path)
    assert isinstance(renewed, model_cache.Record)
    assert (renewed.mtime_ns, renewed.sha256) == (5, record.sha256)
    assert model_cache._read_record(path) == renewed


def test_another_version_is_a_fault(tmp_path: Path) -> None:
    store(tmp_path, graph_version=0)
    assert find(tmp_path) == model_cache.Fault("was made by another version of ortprof", "s")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        "{}",
        '{"schema": "ortprof.model/1", "size": "7"}',
        '{"schema": "other", "graph_version": 1}',
        "\x00",
        "[" * 100_000,
    ],
)
def test_an_unreadable_record_is_a_fault(tmp_path: Path, text: str | None) -> None:
    path, _ = store(tmp_path)
    record = path.with_suffix(".json")
    record.unlink() if text is None else record.write_text(text)
    assert find(tmp_path) == model_cache.Fault("has no readable record", None)


@pytest.mark.parametrize(
    "changes", [{"sha256": 5}, {"sha256": "1234"}, {"size": -1}, {"mtime_ns": "now"}, {"schema": "other"}]
)
def test_a_record_with_a_wrong_value_is_a_fault(tmp_path: Path, changes: dict[str, Any]) -> None:
    store(tmp_path, **changes)
    assert find(tmp_path) == model_cache.Fault("has no readable record", None)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path, _ = store(tmp_path)
    before = sorted(tmp_path.iterdir())
    with contextlib.suppress(KeyboardInterrupt), model_cache.replacing(path) as file:
        file.write(b"half a")
        raise KeyboardInterrupt
    assert sorted(tmp_path.iterdir()) == before
    assert path.read_bytes() == b"a model"


def test_others_can_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path, _ = store(tmp_path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_full_disk_is_a_typed_error(tmp_path: Path) -> None:
    def fill_the_disk() -> None:
        with model_cache.replacing(tmp_path / "m.onnx"):
            raise OSError(28, "No space left on device")

    with pytest.raises(MachineError, match="can't be written: No space left") as caught:
        fill_the_disk()
    assert "XDG_CACHE_HOME" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(MachineError, match="can't be written"),
        model_cache.replacing(tmp_path / "file" / "m"),
    ):
        pass


def test_remove_frees_both_files(tmp_path: Path) -> None:
    path, _ = store(tmp_path)
    size = path.stat().st_size + path.with_suffix(".json").stat().st_size
    assert model_cache.remove(tmp_path, "m") == size
    assert list(tmp_path.iterdir()) == []
    assert model_cache.remove(tmp_path, "m") == 0


def test_the_cache_is_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert model_cache.default_folder() == tmp_path / "ortprof" / "models"
