"""What `ortprof worker` leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from profiler.record import temporary

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LONG_AGO = 1_000_000_000
ADDRESS = "tcp://127.0.0.1:9"


def test_what_a_killed_worker_left_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "profiler.cli", "worker", ADDRESS]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as worker:
        deadline = time.monotonic() + 60
        while not (made := list(tmp_path.glob("ortprof-*"))) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)  # it is locked by now
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        [folder] = made
        os.utime(folder, (LONG_AGO, LONG_AGO))
        assert temporary.leftovers() == [], "it lives"
        worker.kill()
    assert temporary.leftovers() == [folder]
