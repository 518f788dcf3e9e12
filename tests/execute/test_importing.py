"""The hash of a file that is taken beside its reading."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from profiler.execute import importing

if TYPE_CHECKING:
    import threading
    from pathlib import Path


def test_an_interrupt_after_reading_ends_hashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read, and hashing goes on: of a slow disk that may take minutes."""
    unwanted: list[threading.Event] = []

    def endless(_path: Path, failed: threading.Event) -> str:
        unwanted.append(failed)
        failed.wait(20)
        return ""

    def interrupted(_futures: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "_sha256", endless)
    monkeypatch.setattr(importing, "wait", interrupted)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), importing._hashed(tmp_path / "perf.data"):
        pass
    assert unwanted[0].is_set()
    assert time.monotonic() - began < 10
