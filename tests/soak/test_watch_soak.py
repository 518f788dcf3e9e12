"""`ortprof watch` for an hour: memory that stays, and what it costs.

`make test-watch-soak`; WATCH_SECONDS sets how long.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.program import ORTPROF
from tests.e2e.services import loaded_service, write_model

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = float(os.environ.get("WATCH_SECONDS", "3600"))
WARM_SECONDS = max(60.0, SECONDS / 10)
"""Until everything is loaded."""
MOST_GROWTH = 8 << 20
MOST_CPU = 0.05
"""Of a core."""


@pytest.mark.timeout(SECONDS + 300)
def test_memory_is_steady(tmp_path: Path) -> None:
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    with loaded_service(write_model(tmp_path / "small.onnx"), tmp_path / "log") as service:
        command = [str(ORTPROF), "watch", str(service.pid), "--follow", "--metrics", "127.0.0.1:19464"]
        with subprocess.Popen(command, cwd=cwd, stderr=subprocess.DEVNULL) as watching:
            process = psutil.Process(watching.pid)
            began, warm = time.monotonic(), None
            while (passed := time.monotonic() - began) < SECONDS:
                service.next_answer()
                if warm is None and passed >= WARM_SECONDS:
                    warm = process.memory_info().rss, sum(process.cpu_times()[:2]), passed
            assert warm is not None
            rss, cpu = process.memory_info().rss, sum(process.cpu_times()[:2])
            share = (cpu - warm[1]) / (passed - warm[2])
            watching.send_signal(signal.SIGINT)
            assert watching.wait(60) == 130
    print(
        f"\nRSS {warm[0] / 1e6:.1f} MB, then {rss / 1e6:.1f} MB; {share:.2%} of a core", file=sys.__stdout__
    )
    assert rss - warm[0] < MOST_GROWTH
    assert share < MOST_CPU
    assert list(cwd.iterdir()) == []
