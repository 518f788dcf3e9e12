"""What `ortprof worker` leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
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
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as worker:
        assert worker.stderr is not None
        assert b"no scheduler" in worker.stderr.readline(), "said when the folder is made and locked"
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        [folder] = tmp_path.glob("ortprof-*")
        os.utime(folder, (LONG_AGO, LONG_AGO))
        assert temporary.leftovers() == [], "it lives"
        worker.kill()
    assert temporary.leftovers() == [folder]
