from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from profiler.errors import NotWrittenError
from profiler.injection import hooks
from profiler.injection.hooks import prepare

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_holds_pythons_hook_and_the_cache_the_library(tmp_path: Path) -> None:
    prepared = prepare(tmp_path / "reports", tmp_path / "cache")
    assert prepared.folder == tmp_path / "reports"
    assert prepared.python.path == str(tmp_path / "reports" / "python")
    assert {path.name for path in (tmp_path / "reports" / "python").iterdir()} == {
        path.name for path in hooks.PYTHON_SOURCES.glob("*.py")
    }
    assert prepared.native.path is None or prepared.native.path.startswith(str(tmp_path / "cache"))


def test_a_folder_is_prepared_again_without_losing_reports(tmp_path: Path) -> None:
    prepare(tmp_path, tmp_path / "cache")
    (tmp_path / "7.jsonl").write_text("{}\n")
    prepare(tmp_path, tmp_path / "cache")
    assert (tmp_path / "7.jsonl").exists()


def test_only_a_root_that_may_become_somebody_else_opens_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {user: tmp_path / str(user) for user in (0, 1000)}
    for user, folder in folders.items():
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        prepare(folder, tmp_path / "cache")
    assert stat.S_IMODE(folders[0].stat().st_mode) == 0o1777
    assert stat.S_IMODE(folders[1000].stat().st_mode) & 0o022 == 0


def test_a_path_that_can_not_be_on_pythons_is_said(tmp_path: Path) -> None:
    prepared = prepare(tmp_path / "a:b", tmp_path / "cache")
    assert prepared.python.path is None
    assert "colon" in prepared.python.why


def test_a_folder_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWrittenError, match="can't be written"):
        prepare(tmp_path / "file", tmp_path / "cache")
