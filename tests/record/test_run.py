from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from profiler.attribution.operators.operator_windows import find_clock
from profiler.errors import InterruptedRunError, MachineError, UsageError, WorkloadError
from profiler.record import capabilities
from profiler.record.run import record
from profiler.record.run_spec import RunSpec
from profiler.run import runs
from profiler.run.directory import RunDirectory, complete_path, create_run
from profiler.run.json_document import decode
from profiler.run.manifest import Manifest
from profiler.run.phase_counters import PhaseCounters
from profiler.run.request import Request, decode_requests
from profiler.spec.configuration import SessionConfiguration, Setting
from profiler.spec.workload import make_workload
from profiler.trace import ort_profile_store

from .monitors import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.record.monitor import Tick

pytestmark = pytest.mark.beside

EVER = 3600.0
SETTINGS = {"session.from_the_future": Setting(since="99.0", meaning="")}


def make_spec(model: Path, python: str = sys.executable, **changes: Any) -> RunSpec:
    """A run of a tiny model at 100 requests a second; phases that are not named are left out."""
    configuration = changes.pop("configuration", SessionConfiguration(name="mine", threads=2))
    phases = {"warmup_seconds": 0, "measure_seconds": 0, "profile_seconds": 0}
    workload = make_workload(
        model="small", model_path=str(model), weights="file", rate=100.0, **{**phases, **changes}
    )
    return RunSpec(configuration, workload, SETTINGS, python, 997)


def execute(spec: RunSpec, reports: Path, monitor: Remembering | None = None) -> tuple[bool, RunDirectory]:
    with create_run(reports, "r") as run:
        complete = record(spec, run, monitor or Remembering())
    return complete, RunDirectory(complete_path(run))


def read(run: RunDirectory) -> tuple[Manifest, list[Request], dict[str, PhaseCounters]]:
    return (
        decode(run.manifest.read_bytes(), Manifest, "run.json"),
        decode_requests(run.requests.read_bytes(), "requests.jsonl"),
        decode(run.counters.read_bytes(), dict[str, PhaseCounters], "counters.json"),
    )


def signalling(phase: str, times: int = 1) -> Callable[[Tick], None]:
    """Press Ctrl+C in a phase, once there were requests."""

    def act(tick: Tick) -> None:
        if tick.phase == phase and tick.requests:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return act


@pytest.mark.e2e
def test_a_run_of_three_phases(small: Path, tmp_path: Path) -> None:
    monitor = Remembering()
    spec = make_spec(small, warmup_seconds=0.1, measure_seconds=0.3, profile_seconds=0.3)
    complete, run = execute(spec, tmp_path, monitor)
    manifest, requests, counters = read(run)
    assert complete
    assert manifest.complete
    assert (manifest.run_id, manifest.configuration, manifest.workload) == (
        "r",
        spec.configuration,
        spec.workload,
    )
    assert [(phase.name, phase.stopped) for phase in manifest.phases] == [
        ("warmup", False), ("measure", False), ("profile", False),
    ]  # fmt: skip
    assert list(counters) == ["warmup", "measure", "profile"]
    for phase, count in zip(manifest.phases, (10, 30, 30), strict=True):
        mine = [request for request in requests if request.phase == phase.name]
        assert len(mine) == count
        assert phase.start_ns <= mine[0].start_ns
        assert mine[-1].end_ns <= phase.end_ns
        begin, end = counters[phase.name].begin, counters[phase.name].end
        assert begin.time_ns <= phase.start_ns
        assert phase.end_ns <= end.time_ns
        assert sum(request.cpu_ns or 0 for request in mine) <= counters[phase.name].cpu_ns
        assert set(begin.threads) == {manifest.process.pid, *manifest.process.pool_tids}
    assert len(manifest.process.pool_tids) == 1
    assert manifest.perf is not None
    assert (manifest.perf.event, manifest.perf.frequency_hz) == (capabilities.sampling_event(), 997)
    assert run.perf_data.read_bytes()[:8] == b"PERFILE2"
    assert manifest.commands["perf record"][-1] == "./perf.data"
    assert str(tmp_path) not in " ".join(manifest.commands["perf record"])
    assert monitor.steps == [
        "starting the workload",
        f"opening small with ONNX Runtime {manifest.ort.version}",
        "trying what perf may record here",
        "attaching perf",
    ]
    assert {"measure", "profile"} <= {tick.phase for tick in monitor.ticks}
    assert monitor.warnings == []


@pytest.mark.e2e
def test_operators_are_recorded_in_a_session_of_their_own(small: Path, tmp_path: Path) -> None:
    spec = make_spec(small, profile_seconds=0.2, operators_seconds=0.2)
    complete, run = execute(spec, tmp_path)
    manifest, requests, counters = read(run)
    assert complete
    assert [phase.name for phase in manifest.phases] == ["profile", "operators"] == list(counters)
    recording = manifest.operators
    assert recording is not None
    assert len(recording.process.pool_tids) == 1
    assert not set(recording.process.pool_tids) & set(manifest.process.pool_tids)
    profile = ort_profile_store.load(run.operators)
    mine = [request for request in requests if request.phase == "operators"]
    assert profile.types == ("Relu",)
    assert len(profile.run_start_ns) == len(mine) + 1 == len(profile.node)
    assert find_clock(profile, recording, mine).runs == len(mine)
    assert run.operators_perf_data.read_bytes()[:8] == b"PERFILE2"
    assert not list(run.path.glob("ort-profile*"))


@pytest.mark.e2e
def test_ctrl_c_while_operators_are_recorded_keeps_them(small: Path, tmp_path: Path) -> None:
    monitor = Remembering(signalling("operators"))
    complete, run = execute(make_spec(small, profile_seconds=0.2, operators_seconds=EVER), tmp_path, monitor)
    manifest, _, _ = read(run)
    assert not complete
    assert manifest.operators is not None
    assert manifest.phases[-1].stopped
    assert len(ort_profile_store.load(run.operators).run_start_ns) > 1


def test_a_phase_of_no_seconds_is_left_out(small: Path, tmp_path: Path) -> None:
    complete, run = execute(make_spec(small, measure_seconds=0.05), tmp_path)
    manifest, requests, counters = read(run)
    assert complete
    assert [phase.name for phase in manifest.phases] == list(counters) == ["measure"]
    assert len(requests) == 5
    assert manifest.perf is None
    assert not run.perf_data.exists()


def test_ctrl_c_while_measuring_keeps_what_was_measured(small: Path, tmp_path: Path) -> None:
    monitor = Remembering(signalling("measure"))
    before = signal.getsignal(signal.SIGINT)
    complete, run = execute(make_spec(small, measure_seconds=EVER, profile_seconds=EVER), tmp_path, monitor)
    manifest, requests, counters = read(run)
    assert not complete
    assert not manifest.complete
    assert [(phase.name, phase.stopped) for phase in manifest.phases] == [("measure", True)]
    assert requests
    assert list(counters) == ["measure"]
    assert signal.getsignal(signal.SIGINT) == before


def test_ctrl_c_while_warming_up_leaves_nothing(small: Path, tmp_path: Path) -> None:
    monitor = Remembering(signalling("warmup"))
    spec = make_spec(small, warmup_seconds=EVER, measure_seconds=EVER)
    with pytest.raises(InterruptedRunError, match=r"^stopped before anything was measured$"):
        execute(spec, tmp_path, monitor)
    assert list(tmp_path.iterdir()) == []


def test_a_second_ctrl_c_aborts_and_leaves_no_process(small: Path, tmp_path: Path) -> None:
    monitor = Remembering(signalling("measure", times=2))
    with pytest.raises(KeyboardInterrupt):
        execute(make_spec(small, measure_seconds=EVER), tmp_path, monitor)
    [run] = runs.list_runs(tmp_path)
    manifest, requests, _ = read(run)
    assert requests
    assert not manifest.complete
    assert not psutil.pid_exists(manifest.process.pid)


def test_a_workload_that_dies_while_measured_leaves_what_was_measured(small: Path, tmp_path: Path) -> None:
    def kill(_: Tick) -> None:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):  # killed by the tick before
                if "".join(child.cmdline()[-1:]).endswith("/profiler/workload"):
                    child.kill()

    with pytest.raises(WorkloadError, match="was killed by SIGKILL while running the measure phase"):
        execute(make_spec(small, measure_seconds=EVER), tmp_path, Remembering(kill))
    [run] = runs.list_runs(tmp_path)
    manifest, requests, _ = read(run)
    assert requests
    assert not manifest.complete


@pytest.mark.usefixtures("no_perf")
def test_without_perf_nothing_is_started(small: Path, tmp_path: Path) -> None:
    monitor = Remembering()
    with pytest.raises(MachineError, match=r"^perf is not on PATH$"):
        execute(make_spec(small, measure_seconds=EVER, profile_seconds=1), tmp_path / "reports", monitor)
    assert monitor.steps == []
    assert list((tmp_path / "reports").iterdir()) == []


@pytest.mark.usefixtures("no_perf")
def test_measuring_alone_needs_no_perf(small: Path, tmp_path: Path) -> None:
    complete, run = execute(make_spec(small, measure_seconds=0.05), tmp_path)
    assert complete
    assert len(read(run)[1]) == 5


def test_a_setting_that_this_version_would_ignore_is_refused(small: Path, tmp_path: Path) -> None:
    future = SessionConfiguration(name="mine", entries={"session.from_the_future": "1"})
    with pytest.raises(UsageError, match=r"ONNX Runtime honours from 99\.0 on"):
        execute(make_spec(small, configuration=future, measure_seconds=EVER), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_nobody_knows_is_warned_of(small: Path, tmp_path: Path) -> None:
    monitor = Remembering()
    unknown = SessionConfiguration(name="mine", entries={"session.unheard_of": "1"})
    complete, run = execute(make_spec(small, configuration=unknown, measure_seconds=0.02), tmp_path, monitor)
    assert complete
    manifest, _, _ = read(run)
    why = f"ONNX Runtime {manifest.ort.version} reads no session.unheard_of and ignores it"
    (doubt,) = (
        doubt for doubt in manifest.unavailable if doubt.what == "the session entry session.unheard_of"
    )
    assert doubt.why == why
    assert monitor.warnings == [f"{why}; {doubt.hint}"]


def test_an_interpreter_without_onnxruntime_leaves_nothing(
    small: Path, bare_python: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkloadError, match="ONNX Runtime can't be imported"):
        execute(make_spec(small, bare_python, measure_seconds=EVER), tmp_path)
    assert list(tmp_path.iterdir()) == []
