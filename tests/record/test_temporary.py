"""Folders outside of the reports folder are gone in the end, whoever made them and however that ended."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from profiler.record import temporary
from profiler.record.temporary import clear, leftovers, temporary_folder
from tests.interrupting import interrupt, interrupting, wait_for_the_signal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def abandoned(tmp_path: Path, name: str = "a") -> Path:
    """Make a folder as a killed ortprof leaves it."""
    folder = tmp_path / f"{temporary.PREFIX}{name}"
    folder.mkdir()
    (folder / "file").write_text("left")
    os.utime(folder, (0, 0))
    return folder


def test_a_folder_lasts_as_long_as_its_block(tmp_path: Path) -> None:
    with temporary_folder() as folder:
        (folder / "file").write_text("x")
        os.utime(folder, (0, 0))
        assert leftovers() == []
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tempfile.mkdtemp

    def interrupted(**options: str) -> str:
        folder = made(**options)
        interrupt()
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", interrupted)
    with interrupting(), pytest.raises(KeyboardInterrupt), temporary_folder():
        wait_for_the_signal()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left_is_found_and_goes_with_the_next(tmp_path: Path) -> None:
    left = abandoned(tmp_path)
    fresh = tmp_path / f"{temporary.PREFIX}b"
    fresh.mkdir()
    foreign = tmp_path / "ortprof-tests"
    foreign.mkdir()
    (tmp_path / f"{temporary.PREFIX}link").symlink_to(foreign)
    assert leftovers() == [left]
    with temporary_folder():
        assert not left.exists()
    assert fresh.exists()
    assert foreign.exists()


def test_what_a_command_that_goes_on_was_started_with_stays(tmp_path: Path) -> None:
    left, proc = abandoned(tmp_path), tmp_path / "proc"
    (proc / "4711").mkdir(parents=True)
    (proc / "4711" / "environ").write_text(f"A=b\0PYTHONPATH={left}/settings/python\0")
    (proc / "4712").mkdir()  # one that has ended meanwhile
    assert leftovers(proc) == []
    clear()
    assert not left.exists()
