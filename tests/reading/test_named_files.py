"""Files that a user names, or keeps where ortprof looks: only regular ones are read, and at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler import files
from profiler.errors import NotWrittenError, UsageError
from profiler.models import model_cache
from profiler.models.bert_config import read_config
from profiler.models.prepare import resolve
from profiler.models.weights import CheckpointWeights, SyntheticWeights
from profiler.spec import catalogue
from profiler.spec.study_file import load_study
from profiler.study.study_record import StudyDirectory, locked
from tests.damage import NO_FILES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(20)
each_kind = pytest.mark.parametrize("kind", NO_FILES)


@each_kind
def test_a_model(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    NO_FILES[kind](path)
    with pytest.raises(UsageError, match=r"/m\.onnx (can't be read: |is a folder)"):
        resolve(str(path))


@each_kind
def test_a_checkpoint(kind: str, tmp_path: Path) -> None:
    for name in ("model.safetensors", "config.json"):
        NO_FILES[kind](tmp_path / name)
    with pytest.raises(UsageError, match=r"/model\.safetensors can't be read: "):
        CheckpointWeights(tmp_path / "model.safetensors", (), SyntheticWeights("", 0.02))
    with pytest.raises(UsageError, match=r"/config\.json can't be read: "):
        read_config(tmp_path / "config.json")


@each_kind
def test_a_study_and_a_users_configurations(kind: str, tmp_path: Path) -> None:
    for name in ("study.toml", catalogue.USER_FILE):
        NO_FILES[kind](tmp_path / name)
    with pytest.raises(UsageError, match=r"/study\.toml can't be read: "):
        load_study(tmp_path / "study.toml")
    with pytest.raises(UsageError, match=r"/ortprof\.toml can't be read: "):
        catalogue.load(tmp_path)


@each_kind
def test_a_cached_model_and_its_record(kind: str, tmp_path: Path) -> None:
    NO_FILES[kind](tmp_path / "m.onnx")
    assert model_cache.find(tmp_path, "m", graph_version=1, thorough=True) is None
    (tmp_path / "n.onnx").write_bytes(b"model")
    NO_FILES[kind](tmp_path / "n.json")
    found = model_cache.find(tmp_path, "n", graph_version=1, thorough=True)
    assert found == model_cache.Fault("has no readable record", None)


@each_kind
def test_a_studys_lock(kind: str, tmp_path: Path) -> None:
    NO_FILES[kind](tmp_path / ".lock")
    with (
        pytest.raises(NotWrittenError, match=r"/\.lock can't be written: "),
        locked(StudyDirectory(tmp_path)),
    ):
        pass


def test_a_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / ".lock").symlink_to(outside)
    with pytest.raises(OSError, match=r"symbolic links"):
        files.open_mark(tmp_path / ".lock")
    assert outside.read_text() == "mine"
