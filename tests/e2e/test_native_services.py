"""Services without Python: attached to, and started with other settings. Node: `make test-node`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnxruntime
import pytest

from profiler.record.capabilities import privileged
from profiler.record.probes.probe_event import KIND
from tests.accuracy.programs import OPTIONS, run_compiler
from tests.e2e.program import finish, run, start, wait_for
from tests.workload.onnx_files import write_slow

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.beside
PROGRAMS = Path(__file__).with_name("programs")
PACKAGES = Path(__file__).parents[2] / "build" / "node"
SECONDS = ("--seconds", "3", "--json")


@dataclass(frozen=True, slots=True)
class Program:
    """A service, and what is seen of the ONNX Runtime in it."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    origin: str
    version: str


@pytest.fixture(scope="module", params=["C++", "Node"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return a service that makes a session of three threads, says `ready`, and serves ten times a second."""
    folder = tmp_path_factory.mktemp("native")
    model = str(write_slow(folder / "slow.onnx"))
    return _cpp(folder, model) if request.param == "C++" else _node(model)


def _cpp(folder: Path, model: str) -> Program:
    libraries = list((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.1*"))
    if not libraries or shutil.which("g++") is None:
        pytest.skip("no g++, or a wheel without libonnxruntime.so")
    shutil.copy(libraries[0], folder / "libonnxruntime.so.1")
    library = (str(folder / "libonnxruntime.so.1"), f"-Wl,-rpath,{folder}")
    run_compiler("g++", *OPTIONS, "-o", str(folder / "server"), str(PROGRAMS / "server.cpp"), *library)
    return Program((str(folder / "server"), model), {}, "shared library", onnxruntime.__version__)


def _node(model: str) -> Program:
    node = shutil.which("node")
    if node is None or not (PACKAGES / "node_modules" / "onnxruntime-node").is_dir():
        pytest.skip("no onnxruntime-node in build/node: make test-node")
    environment = {"PACKAGES": str(PACKAGES)}
    return Program((node, str(PROGRAMS / "server.mjs"), model), environment, "Node package", "1.30.0")


def the_runtime(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the one that its one process has mapped."""
    [target] = summary["attached"]["targets"]
    [runtime] = target["runtimes"]
    found: dict[str, Any] = runtime
    return found


def the_pool(summary: dict[str, Any]) -> dict[str, Any]:
    """Return its one pool, which has two workers."""
    [pool] = summary["pools"]
    assert pool["threads"] == 2
    result: dict[str, Any] = pool
    return result


def test_it_is_attached_to_as_it_is(program: Program, tmp_path: Path) -> None:
    environment = {**os.environ, **program.environment}
    with subprocess.Popen(program.command, stdout=subprocess.PIPE, env=environment) as service:
        try:
            assert service.stdout is not None
            assert service.stdout.readline() == b"ready\n"
            done = run("attach", str(service.pid), *SECONDS, reports=tmp_path)
        finally:
            service.kill()
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    runtime = the_runtime(summary)
    assert (runtime["origin"], runtime["version"]) == (program.origin, program.version)
    pool = the_pool(summary)
    assert pool["inferred"]["spins"] is True
    assert pool["callers"] == 1
    assert pool["by_kind"]["spin-idle"] + pool["by_kind"]["spin-busy"] > 0.8 * pool["total_ms"]


@pytest.mark.skipif(not (KIND.exists() and privileged()), reason="no probes for us here")
def test_probes_see_its_calls_of_run(program: Program, tmp_path: Path) -> None:
    environment = {**os.environ, **program.environment}
    with subprocess.Popen(program.command, stdout=subprocess.PIPE, env=environment) as service:
        try:
            assert service.stdout is not None
            assert service.stdout.readline() == b"ready\n"
            done = run("attach", str(service.pid), "--probes", *SECONDS, reports=tmp_path)
            assert service.poll() is None
        finally:
            service.kill()
    assert done.returncode == 0, done.stderr
    profiled = json.loads(done.stdout)["profiled"]
    assert profiled["requests_known_by"] == ["probes"]
    assert 0 < profiled["requests"] <= 10 * profiled["seconds"] + 1, "ten a second, less what calls take"


def test_its_sessions_are_given_settings(program: Program, tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc for the library that is preloaded")
    given = ("--config", "spin-off")
    child = start("run", *given, *SECONDS, "--", *program.command, reports=tmp_path, **program.environment)
    wait_for(child, "ortprof: the command goes on")
    child.send_signal(signal.SIGTERM)
    code, out, err = finish(child)
    assert code == 128 + signal.SIGTERM, err
    summary = json.loads(out)
    assert summary["injected"]["sessions"] == 1
    assert {one["key"]: one["sessions"] for one in summary["injected"]["settings"]} == {
        "session.intra_op.allow_spinning": 1,
        "session.inter_op.allow_spinning": 1,
    }
    assert summary["injected"]["unreached"] == []
    assert the_runtime(summary)["origin"] == program.origin
    assert summary["config"]["label"] == "spin-off"
    assert the_pool(summary)["inferred"]["spins"] is not True
