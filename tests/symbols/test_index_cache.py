"""The cache forgets what nobody uses."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import index_cache
from tests.run.run_directories import names_in

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {"a": np.arange(3, dtype="u8")}


def made_long_ago(path: Path) -> None:
    index_cache.save(path, COLUMNS)
    then = time.time() - (index_cache.UNUSED_DAYS + 1) * 86400
    os.utime(path, (then, then))


def test_a_write_removes_what_was_not_used_for_long(tmp_path: Path) -> None:
    made_long_ago(tmp_path / "old.symcache")
    made_long_ago(tmp_path / "old.npz")
    index_cache.save(tmp_path / "new.npz", COLUMNS)
    assert names_in(tmp_path) == ["new.npz"]


def test_a_read_is_a_use(tmp_path: Path) -> None:
    made_long_ago(tmp_path / "old.npz")
    assert index_cache.load(tmp_path / "old.npz", {"a": "u8"}) is not None
    index_cache.save(tmp_path / "new.npz", COLUMNS)
    assert names_in(tmp_path) == ["new.npz", "old.npz"]
