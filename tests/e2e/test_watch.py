"""`ortprof watch`: metrics of a program, and of the one that comes after it."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import ORTPROF
from tests.e2e.spinner import spinner

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

pytest.importorskip("prometheus_client")
PATIENCE = 60.0


def wait_for(port: int, begins: str, least: float) -> str:
    """Wait until a metric has grown so large; return all of them."""
    deadline, text = time.monotonic() + PATIENCE, ""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                text = answer.read().decode()
        except urllib.error.URLError:
            text = ""
        values = [float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(begins)]
        if values and max(values) >= least:
            return text
        time.sleep(0.2)
    pytest.fail(f"no {begins} of {least} in {text}")


def test_a_program_and_the_next_of_its_name(small_model: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program, reports = tmp_path / "watched_spinner.py", tmp_path / "cwd"
    reports.mkdir()
    command = ["watch", "--command", program.name, "--interval", "1", "--metrics", f"127.0.0.1:{port}"]
    with subprocess.Popen([str(ORTPROF), *command], stderr=subprocess.PIPE, cwd=reports) as watching:
        wait_for(port, "ortprof_targets_begun_total", 0)
        for number in (1, 2):
            with spinner(small_model, program) as target:
                wait_for(port, "ortprof_targets_begun_total", number)
                text = wait_for(port, "ortprof_samples_total", 30)
                assert f'kind="spin-idle",polling="true",pool="pool A",process="{target.pid}"' in text
            wait_for(port, "ortprof_up 0", 0)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE) == 130
    assert list(reports.iterdir()) == []
