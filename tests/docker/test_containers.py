"""The real runtime in real containers, watched from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from profiler.record.container.engine import refusal
from profiler.record.owner import owner_of
from profiler.run.directory import RunDirectory
from profiler.spec.container import EngineName
from profiler.trace import store
from tests.e2e.program import finish, profiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.docker.conftest import Engine

pytestmark = pytest.mark.timeout(1800)
SHORT = ("--model", "tiny", "--warmup", "0", "--measure", "1", "--profile", "0")


@pytest.fixture(scope="module")
def recorded(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunDirectory, dict[str, Any]]:
    """A run of ONNX Runtime's default under a limit that no engine's defaults have."""
    reports = tmp_path_factory.mktemp("contained")
    done = engine.ortprof(
        *(
            "record",
            "--config",
            "spin-on",
            "--threads",
            "4",
            "--container",
            engine.name,
            "--cpu-limit",
            "0.29",
        ),
        *("--cpu-period", "50", "--warmup", "1", "--measure", "3", "--profile", "5", "--keep-perf-data"),
        "--json",
        reports=reports,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    return RunDirectory(reports / summary["run_id"]), summary


Recorded = tuple[RunDirectory, dict[str, Any]]


def test_the_spin_loop_is_found_in_the_image_s_stripped_library(recorded: Recorded) -> None:
    _, summary = recorded
    assert summary["ort"]["symbols"] == "none"
    assert summary["ort"]["library"].startswith("/opt/onnxruntime/")
    assert summary["cpu"]["by_category"]["spin"] > summary["cpu"]["total_ms"] / 2
    assert summary["cpu"]["evidence"]["instruction"] > 1 / 2
    (hottest, *_) = summary["hot"]
    assert hottest["kind"] == "spin-idle"
    assert hottest["evidence"] == "instruction"


def test_stacks_and_names_come_from_the_image_s_files(recorded: Recorded) -> None:
    run, summary = recorded
    assert not [item for item in summary["unavailable"] if "librar" in item["what"]]
    assert summary["cross_check"]["largest_deviation_points"] < 1
    (libc,) = run.mapped.glob("usr/lib/*/libc.so.6")
    assert libc.read_bytes() != Path("/", libc.relative_to(run.mapped)).read_bytes(), "not the host's"
    trace, _ = store.load(run.trace)
    assert "_PyEval_EvalFrameDefault" in trace.strings


def test_threads_are_known_by_the_host_s_ids(recorded: Recorded) -> None:
    run, _ = recorded
    manifest = json.loads(run.manifest.read_bytes())
    counters = json.loads(run.counters.read_bytes())["profile"]["end"]["threads"]
    process = manifest["process"]
    assert process["callers"] == [process["pid"]]
    (pool,) = process["pools"]
    assert len(pool["tids"]) == 3
    assert {*map(str, process["callers"]), *map(str, pool["tids"])} <= counters.keys()


def test_the_limit_holds_and_container_and_limit_are_written_down(engine: Engine, recorded: Recorded) -> None:
    run, summary = recorded
    assert summary["limit"] == {"cpus": 0.29, "period_us": 50_000, "burst_us": 0}
    assert summary["cpus"]["quota"] == 0.29
    assert summary["measured"]["cpu_percent"] < 32
    assert summary["measured"]["throttled"]["throttled_periods"] > 0
    container = summary["container"]
    assert (container["engine"], container["image"]) == (engine.name, "ortprof")
    assert container["version"]
    assert container["image_id"] in engine.tell("images", "--no-trunc")
    assert f"image ortprof ({container['image_id'][:12]})" in run.report.read_text()


def test_nothing_is_left_of_it(engine: Engine, recorded: Recorded) -> None:
    assert recorded
    assert engine.containers() == []


def test_it_is_analysed_anew_when_the_container_is_long_gone(
    engine: Engine, recorded: Recorded, tmp_path: Path
) -> None:
    run, before = recorded
    copy = tmp_path / run.run_id
    shutil.copytree(run.path, copy)
    (copy / "trace.npz").unlink()
    done = engine.ortprof("report", run.run_id, reports=tmp_path)
    assert done.returncode == 0, done.stderr
    after = json.loads((copy / "summary.json").read_bytes())
    assert after["cpu"] == before["cpu"]
    assert after["hot"] == before["hot"]


@pytest.fixture
def running(engine: Engine, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A recording in a container that profiles until somebody ends it."""
    options = ("--model", "tiny", "--rate", "20", "--container", engine.name)
    with profiling(*options, reports=tmp_path, **engine.environment) as child:
        yield child


def container_of(child: subprocess.Popen[str]) -> str:
    owner = owner_of(child.pid)
    assert owner is not None
    return owner.name


def test_killing_ortprof_leaves_nothing_after_the_next_run(
    engine: Engine, running: subprocess.Popen[str], tmp_path: Path
) -> None:
    name = container_of(running)
    assert engine.containers() == [name]
    engine.tell("pause", name)  # it can't even notice that ortprof is gone
    running.kill()
    running.wait()
    assert engine.containers() == [name]
    done = engine.ortprof("record", *SHORT, "--container", engine.name, reports=tmp_path / "next")
    assert done.returncode == 0, done.stderr
    assert engine.containers() == []


@pytest.mark.parametrize("interrupts", [1, 2])
def test_ctrl_c_leaves_no_container(engine: Engine, running: subprocess.Popen[str], interrupts: int) -> None:
    for _ in range(interrupts):
        running.send_signal(signal.SIGINT)
    code, _, _ = finish(running)
    assert code == 130
    assert engine.containers() == []


def test_a_container_that_is_killed_is_a_workload_that_failed(
    engine: Engine, running: subprocess.Popen[str]
) -> None:
    engine.tell("kill", container_of(running))
    code, _, err = finish(running)
    assert code == 4
    assert "killed by SIGKILL while running the profile phase" in err
    assert engine.containers() == []


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--image", "nosuch"), 2, "has no image 'nosuch'"),
        (("--image", "debian-python"), 4, "ONNX Runtime can't be imported by python3"),
        (("--python", "nosuch"), 2, "has no nosuch that can be run"),
    ],
)
def test_errors_say_what_is_wrong(
    engine: Engine, tmp_path: Path, args: tuple[str, ...], code: int, words: str
) -> None:
    done = engine.ortprof("record", *SHORT, "--container", engine.name, *args, reports=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
    assert engine.containers() == []


def test_a_build_that_fails_shows_why(engine: Engine, wheels: Path) -> None:
    done = engine.build("--base", "localhost/nosuch", "--wheels", str(wheels), "--tag", "other")
    assert done.returncode == 3
    assert "localhost" in done.stderr
    assert "build failed with exit code" in done.stderr


def test_a_socket_that_is_closed_to_the_user(engine: Engine) -> None:
    if engine.name != "docker":
        pytest.skip("podman has no socket")
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "docker", "ps"],
        env={**os.environ, **engine.environment, "HOME": "/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert refusal(EngineName.DOCKER, "ps", done.stderr).message == "no permission to talk to docker's engine"
