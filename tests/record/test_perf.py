from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from profiler.errors import MachineError
from profiler.record import capabilities
from profiler.record.perf import PerfRecorder, record_command
from profiler.run.manifest import PerfSettings
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .burner import Burner

pytestmark = pytest.mark.beside


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, which must be empty after the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def command(burner: Burner, output: Path, event: str | None = None) -> list[str]:
    settings = PerfSettings(event or capabilities.sampling_event(), 997, 8192, capabilities.perf_version())
    return record_command(settings, [burner.pid], output, capabilities.buffer_pages())


def sample_times_ns(perf_data: Path) -> list[int]:
    script = ["perf", "script", "-i", str(perf_data), "-F", "time", "-G", "--ns"]
    said = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    return [int(line.strip().rstrip(":").replace(".", "")) for line in said.splitlines() if line.strip()]


def test_the_command_line(tmp_path: Path) -> None:
    settings = PerfSettings("cpu-clock", 499, 32768, "6.1")
    made = record_command(settings, [42], tmp_path / "perf.data", 2048)
    assert " ".join(made) == (
        "perf record -k CLOCK_MONOTONIC -e cpu-clock -F 499 --sample-cpu --call-graph dwarf,32768 "
        f"--switch-events -m 2048 -B -p 42 -o {tmp_path}/perf.data"
    )
    assert "-m" not in record_command(settings, [42], tmp_path / "perf.data", None)


@pytest.mark.parametrize(
    ("event", "options"),
    [
        ("cpu-clock", "-e cpu-clock/freq=499,name=cpu-clock/I "),
        ("cycles", "-e cycles -F 499 "),
    ],
)
def test_the_command_line_for_cpus(event: str, options: str, tmp_path: Path) -> None:
    settings = PerfSettings(event, 499, 8192, "6.1", scope=Scope.CPUS, scope_cpus=[0, 2, 1, 8])
    made = " ".join(record_command(settings, [42], tmp_path / "perf.data", None))
    assert options in made
    assert made.endswith(f" -a -C 0-2,8 -o {tmp_path}/perf.data")
    assert "-p" not in made.split()


WATCHING_CPUS = """
import os, signal, sys
from pathlib import Path
from profiler.record import capabilities
from profiler.record.perf import PerfRecorder, record_command
from profiler.run.manifest import PerfSettings
from profiler.spec.scope import Scope

folder = Path(sys.argv[1])
settings = PerfSettings(
    "cpu-clock", 97, 8192, "6", scope=Scope.CPUS, scope_cpus=sorted(os.sched_getaffinity(0))
)
with PerfRecorder(record_command(settings, [0], folder / "perf.data", None), folder / "log") as perf:
    perf.enable()
    print(perf._child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.e2e
@pytest.mark.skipif(not capabilities.watches_cpus("cpu-clock"), reason="perf may not watch CPUs here")
def test_perf_on_cpus_ends_with_us_though_they_do_not(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", WATCHING_CPUS, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert said.returncode == -signal.SIGKILL, said.stderr
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(said.stdout)).wait(timeout=20)
    assert (tmp_path / "perf.data").stat().st_mode & 0o777 == 0o600


@pytest.mark.e2e
def test_samples_fall_between_enable_and_disable(burner: Burner, tmp_path: Path, temporary: Path) -> None:
    perf_data = tmp_path / "perf.data"
    with PerfRecorder(command(burner, perf_data), tmp_path / "log") as perf:
        perf._command("ping")  # answered once the events are open
        burner.burn(50)  # before: must not be seen
        assert list(temporary.iterdir()) == []
        assert len(list(tmp_path.glob("perf.control*"))) == 1
        enabling = time.monotonic_ns()
        perf.enable()
        seen = burner.burn(200)
        perf.disable()
        disabled = time.monotonic_ns()
        burner.burn(50)  # after
        perf.finish()
    assert list(tmp_path.glob("perf.control*")) == []
    times = sample_times_ns(perf_data)
    assert enabling <= min(times)
    assert max(times) <= disabled
    busy = [at for at in times if seen["began_ns"] <= at <= seen["ended_ns"]]
    # 997 Hz of 200 ms of CPU time are 199 samples; a busy machine's timer may be late.
    assert 100 <= len(busy) <= 220


@pytest.mark.e2e
def test_an_event_that_perf_does_not_know_is_an_error_in_its_words(
    burner: Burner, tmp_path: Path, temporary: Path
) -> None:
    recorder = PerfRecorder(command(burner, tmp_path / "perf.data", "no-such-event"), tmp_path / "log")
    with pytest.raises(MachineError) as caught, recorder as perf:
        perf.enable()
    assert caught.value.message.startswith("perf record failed with exit code ")
    assert "event syntax error: 'no-such-event'" in caught.value.message
    assert caught.value.hint == "`ortprof doctor` says what this machine allows"
    with pytest.raises(ProcessLookupError):
        os.kill(recorder._child.pid, 0)
    assert not (tmp_path / "perf.data").exists()
    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
def test_a_process_that_is_gone_is_an_error_in_perfs_words(
    burner: Burner, tmp_path: Path, temporary: Path
) -> None:
    burner.child.kill()
    burner.child.wait()
    with (
        pytest.raises(MachineError, match="perf record failed with exit code"),
        PerfRecorder(command(burner, tmp_path / "perf.data"), tmp_path / "log") as perf,
    ):
        perf.enable()
    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
def test_a_recording_ends_when_its_process_does(burner: Burner, tmp_path: Path, temporary: Path) -> None:
    perf_data = tmp_path / "perf.data"
    with PerfRecorder(command(burner, perf_data), tmp_path / "log") as perf:
        perf.enable()
        burner.burn(100)
        burner.child.kill()
        burner.child.wait()
        perf.finish()
    assert len(sample_times_ns(perf_data)) >= 50
    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
def test_an_error_in_the_block_ends_perf_and_keeps_its_recording(
    burner: Burner, tmp_path: Path, temporary: Path
) -> None:
    perf_data = tmp_path / "perf.data"
    recorder = PerfRecorder(command(burner, perf_data), tmp_path / "log")
    with contextlib.suppress(KeyboardInterrupt), recorder as perf:
        perf.enable()
        burner.burn(100)
        raise KeyboardInterrupt
    assert recorder._child.returncode is not None
    assert len(sample_times_ns(perf_data)) >= 50
    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
def test_a_killed_perf_is_an_error(burner: Burner, tmp_path: Path) -> None:
    with PerfRecorder(command(burner, tmp_path / "perf.data"), tmp_path / "log") as perf:
        perf.enable()
        perf._child.send_signal(signal.SIGKILL)
        perf._child.wait()
        with pytest.raises(MachineError, match=r"was killed by SIGKILL: it said nothing$"):
            perf.disable()
        with pytest.raises(MachineError, match=r"was killed by SIGKILL: it said nothing$"):
            perf.finish()


@pytest.mark.usefixtures("no_perf")
def test_without_perf_nothing_is_left_behind(tmp_path: Path, temporary: Path) -> None:
    with pytest.raises(MachineError, match=r"^perf is not on PATH$"):
        PerfRecorder(["perf", "record"], tmp_path / "log")
    assert list(temporary.iterdir()) == []
