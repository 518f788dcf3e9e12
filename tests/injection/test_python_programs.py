"""Settings in Python programs that are not changed: every way to a session, and nothing else touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from profiler.injection.hooks import prepare
from profiler.injection.report import How
from profiler.injection.settings import InjectedSettings
from profiler.spec.configuration import ExecutionMode
from tests.accuracy.wheels import WITH_SYMBOLS, environment

from .started import SINGLE_THREAD, SPIN_OFF, SPINNING, Ended, start, start_python

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.beside

SETUP = """
import json, os, sys
import onnxruntime as ort
MODEL = {model!r}
def threads():
    return len(os.listdir("/proc/self/task"))
def counted(make):
    before = threads()
    made.append(make())
    return threads() - before
made = []
options = ort.SessionOptions()
options.intra_op_num_threads = 5
options.log_severity_level = 3
"""
WAYS = {
    "no options": "lambda: ort.InferenceSession(MODEL)",
    "own options": "lambda: ort.InferenceSession(MODEL, options)",
    "by keyword": "lambda: ort.InferenceSession(path_or_bytes=MODEL, sess_options=options)",
    "of bytes": "lambda: ort.InferenceSession(open(MODEL, 'rb').read(), options)",
    "a subclass": "lambda: type('Mine', (ort.InferenceSession,), {})(MODEL, options)",
    "from its module": "lambda: __import__('onnxruntime.capi.onnxruntime_inference_collection',"
    " fromlist=['x']).InferenceSession(MODEL, options)",
    "the extension's class": "lambda: ort.capi.onnxruntime_pybind11_state.InferenceSession("
    "options, MODEL, True, False)",
}


@pytest.fixture
def run(model: Path, tmp_path: Path) -> Callable[..., Ended]:
    def run(code: str, settings: InjectedSettings = SINGLE_THREAD, **how: Any) -> Ended:
        return start_python(SETUP.format(model=str(model)) + code, settings, tmp_path, **how)

    return run


def test_each_way_to_a_session_gets_the_settings(run: Callable[..., Ended]) -> None:
    ways = ", ".join(f"{way!r}: counted({make})" for way, make in WAYS.items())
    ended = run(f"print(json.dumps({{{ways}}}))")
    assert json.loads(ended.stdout) == dict.fromkeys(WAYS, 0)
    assert [session.applied for session in ended.report.sessions] == [{"intra_op_num_threads": "1"}] * len(
        WAYS
    )
    own = [session.own.get("intra_op_num_threads") for session in ended.report.sessions]
    assert own == [None, *["5"] * (len(WAYS) - 1)]
    (hooked,) = ended.report.hooked
    assert hooked.how is How.PYTHON
    assert {session.ort for session in ended.report.sessions} == {hooked.ort}
    assert (ended.report.failures, ended.report.damaged) == ((), 0)


def test_without_settings_the_program_has_its_own(run: Callable[..., Ended]) -> None:
    ended = run("print(counted(lambda: ort.InferenceSession(MODEL, options)))", InjectedSettings())
    assert ended.stdout == "4\n"
    assert ended.report.sessions[0].applied == {}


def test_everything_that_can_be_set_is_in_force(run: Callable[..., Ended]) -> None:
    settings = InjectedSettings(
        threads=3,
        inter_op_threads=2,
        execution_mode=ExecutionMode.PARALLEL,
        entries={SPINNING: "0", "session.dynamic_block_base": "4"},
    )
    ended = run(
        f"options.add_session_config_entry({SPINNING!r}, '1')\n"
        "session = ort.InferenceSession(MODEL, options).get_session_options()\n"
        "print(session.intra_op_num_threads, session.inter_op_num_threads, session.execution_mode.name,"
        f" session.get_session_config_entry({SPINNING!r}),"
        " session.get_session_config_entry('session.dynamic_block_base'))",
        settings,
    )
    assert ended.stdout == "3 2 ORT_PARALLEL 0 4\n"
    (session,) = ended.report.sessions
    assert session.own == {"intra_op_num_threads": "5", SPINNING: "1"}


def test_what_a_library_refuses_is_said_and_the_rest_applied(run: Callable[..., Ended]) -> None:
    affinities = "session.intra_op_thread_affinities"
    settings = InjectedSettings(threads=3, entries={affinities: "1;1;1;1;1;1;1", SPINNING: "0"})
    ended = run("print(counted(lambda: ort.InferenceSession(MODEL, options)))", settings)
    assert ended.stdout == "2\n"
    (session,) = ended.report.sessions
    assert session.applied == {"intra_op_num_threads": "3", SPINNING: "0"}
    assert list(session.refused) == [affinities]
    assert "affinities" in session.refused[affinities]


def test_a_session_in_global_pools_refuses(run: Callable[..., Ended]) -> None:
    ended = run(
        "if not hasattr(options, 'use_per_session_threads'): sys.exit()\n"
        "ort.set_global_thread_pool_sizes(4, 1)\n"
        "options.use_per_session_threads = False\n"
        "ort.InferenceSession(MODEL, options)",
        InjectedSettings(threads=2, entries={SPINNING: "0"}),
    )
    if not ended.report.sessions:
        pytest.skip("this ONNX Runtime has no global pools in Python")
    (pools,) = ended.report.pools
    assert pools.applied == {"intra_op_num_threads": "2"}
    assert list(pools.refused) == [SPINNING]
    assert ended.report.sessions[0].refused.keys() == {"intra_op_num_threads", SPINNING}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_are_reached_however_they_are_started(method: str, model: Path, tmp_path: Path) -> None:
    service = tmp_path / "service.py"
    service.write_text(
        SETUP.format(model=str(model))
        + "import multiprocessing\n"
        + "def serve(queue):\n"
        + "    queue.put((os.getpid(), counted(lambda: ort.InferenceSession(MODEL, options))))\n"
        + "if __name__ == '__main__':\n"
        + f"    context = multiprocessing.get_context({method!r})\n"
        + "    queue = context.Queue()\n"
        + "    workers = [context.Process(target=serve, args=(queue,)) for _ in range(2)]\n"
        + "    for worker in workers: worker.start()\n"
        + "    print(json.dumps([queue.get(timeout=50) for _ in workers]))\n"
        + "    for worker in workers: worker.join()\n"
    )
    ended = start([sys.executable, service], SINGLE_THREAD, prepare(tmp_path / "reports"))
    assert ended.exit_code == 0, ended.stderr
    workers = dict(json.loads(ended.stdout))
    assert list(workers.values()) == [0, 0]
    assert {session.pid for session in ended.report.sessions} == set(workers)
    assert ended.report.unreached(workers) == []


def test_a_forked_child_without_a_session_is_no_unreached_one(run: Callable[..., Ended]) -> None:
    ended = run("pid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0); print(pid)")
    assert ended.report.unreached([int(ended.stdout)]) == []


def test_a_server_that_forks_for_every_request_does_not_fill_the_folder(run: Callable[..., Ended]) -> None:
    ended = run(
        "for _ in range(250):\n    pid = os.fork()\n    if not pid: os._exit(0)\n    os.waitpid(pid, 0)\n"
        "pid = os.fork()\n"
        "if not pid: ort.InferenceSession(MODEL, options); os._exit(0)\n"
        "os.waitpid(pid, 0); print(pid)"
    )
    assert len(ended.report.hooked) == 1 + 200
    assert [session.pid for session in ended.report.sessions] == [int(ended.stdout)]


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_what_python_was_told_to_ignore_is_unreached(option: str, model: Path, tmp_path: Path) -> None:
    path = next(path for path in sys.path if path.endswith("site-packages"))
    ended = start_python(
        f"import sys; sys.path.append({path!r})\n"
        + SETUP.format(model=str(model))
        + "print(os.getpid(), counted(lambda: ort.InferenceSession(MODEL, options)))",
        SINGLE_THREAD,
        tmp_path,
        options=(option,),
    )
    pid, threads = map(int, ended.stdout.split())
    assert threads == 4
    assert ended.report.unreached([pid]) == [pid]


def test_the_sitecustomize_that_ours_hides_comes_up_and_sys_path_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sitecustomize.py").write_text("import sys; sys.mine = __file__")
    (tmp_path / "mine" / "usercustomize.py").write_text("import sys; sys.user = __file__")
    code = "import sitecustomize, sys; print(sitecustomize.__file__, sys.mine, sys.path, list(sys.modules))"
    base = {"PYTHONPATH": str(tmp_path / "mine")}
    ended = start_python(code, SPIN_OFF, tmp_path, base=base)
    assert ended.stdout == _plain(code, base)
    assert str(tmp_path / "mine" / "sitecustomize.py") in ended.stdout


def test_without_another_sitecustomize_there_is_none(tmp_path: Path) -> None:
    code = "import sys; print('sitecustomize' in sys.modules, sys.path, list(sys.modules))"
    options = ("-s",)
    ended = start_python(code, SPIN_OFF, tmp_path, options=options)
    assert ended.stdout == _plain(code, {}, *options)


@pytest.mark.parametrize(
    "code", ["raise RuntimeError('mine')", "import nothing_of_this_name", "raise SystemExit(7)"]
)
def test_a_sitecustomize_that_fails_fails_as_before(code: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sitecustomize.py").write_text(code)
    base = {"PYTHONPATH": str(tmp_path / "mine")}
    command = [sys.executable, "-c", "print('program')"]
    ours = start(command, SPIN_OFF, prepare(tmp_path / "reports"), base=base)
    theirs = _completed(command, base)
    assert (ours.exit_code, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.stderr.splitlines()[-1:] == theirs.stderr.splitlines()[-1:]


def test_classes_look_as_they_did(run: Callable[..., Ended], model: Path) -> None:
    code = (
        "import inspect\n"
        "extension = ort.capi.onnxruntime_pybind11_state\n"
        "session = ort.InferenceSession(MODEL, options)\n"
        "print(inspect.signature(ort.InferenceSession), ort.InferenceSession.__mro__, type(session).__name__,"
        " isinstance(session, ort.InferenceSession), isinstance(session._sess, extension.InferenceSession),"
        " extension.InferenceSession.__init__.__doc__, extension.InferenceSession.__init__.__name__,"
        " type(extension.__spec__.loader), vars(extension.__spec__.loader).keys(), extension.__file__)\n"
        "for wrong in (('/nowhere.onnx',), (MODEL, 7)):\n"
        "    try: ort.InferenceSession(*wrong)\n"
        "    except Exception as error: print(type(error), error, error.__cause__, error.__context__)\n"
    )
    assert run(code).stdout == _plain(SETUP.format(model=str(model)) + code, {})


@pytest.mark.parametrize(
    "extension",
    [
        "VALUE = 1",
        "class InferenceSession: __slots__ = ()\nInferenceSession = int",
        "raise ImportError('no CPU')",
    ],
)
def test_an_onnxruntime_that_is_none_is_loaded_as_it_is(extension: str, tmp_path: Path) -> None:
    package = tmp_path / "mine" / "onnxruntime" / "capi"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package.parent / "__init__.py").write_text("")
    (package / "onnxruntime_pybind11_state.py").write_text(extension)
    base = {"PYTHONPATH": str(tmp_path / "mine")}
    code = (
        "try:\n    from onnxruntime.capi import onnxruntime_pybind11_state as e; print(e.__name__)\n"
        "except ImportError as error: print(error)"
    )
    ended = start_python(code, SPIN_OFF, tmp_path, base=base)
    assert ended.stdout == _plain(code, base)
    failed = 0 if "raise" in extension else 1
    assert len(ended.report.failures) == failed
    assert ended.report.hooked == ()


@pytest.mark.parametrize("variable", ["THREADS", "FOLDER"])
def test_an_environment_that_is_damaged_costs_the_settings_alone(
    variable: str, model: Path, tmp_path: Path
) -> None:
    hooks = prepare(tmp_path / "reports")
    command = [
        "env",
        f"ORTPROF_INJECTION_{variable}=/dev/null/nowhere",
        sys.executable,
        "-c",
        SETUP.format(model=str(model)) + "print(counted(lambda: ort.InferenceSession(MODEL, options)))",
    ]
    ended = start(command, InjectedSettings(), hooks)
    assert (ended.exit_code, ended.stdout) == (0, "4\n"), ended.stderr


def test_a_process_that_is_killed_leaves_whole_lines(model: Path, tmp_path: Path) -> None:
    code = "while True: made.append(ort.InferenceSession(MODEL)); made.clear(); print('made', flush=True)"
    hooks = prepare(tmp_path / "reports")
    killing = (
        "import signal, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SETUP.format(model=str(model)) + code!r}],"
        " stdout=subprocess.PIPE)\n"
        "for _ in range(5): child.stdout.readline()\n"
        "child.kill(); print(child.wait())"
    )
    ended = start([sys.executable, "-c", killing], SINGLE_THREAD, hooks)
    assert ended.stdout == f"{-signal.SIGKILL}\n"
    assert len(ended.report.sessions) >= 5
    assert ended.report.damaged == 0


def test_reports_are_bounded(run: Callable[..., Ended]) -> None:
    ended = run("for _ in range(1100): ort.InferenceSession(MODEL, options)")
    assert len(ended.report.sessions) == 999
    assert ended.report.damaged == 0


def test_nothing_is_written_but_reports(run: Callable[..., Ended], tmp_path: Path) -> None:
    loaded = Path(__file__).parents[2] / "profiler" / "injection" / "python"
    before = {path: path.stat().st_mtime_ns for path in loaded.rglob("*")}
    ended = run("ort.InferenceSession(MODEL)")
    assert {path: path.stat().st_mtime_ns for path in loaded.rglob("*")} == before
    (pid,) = ended.report.reached
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {"python", f"{pid}.jsonl"}


def test_an_old_python_with_an_old_onnxruntime(run: Callable[..., Ended]) -> None:
    try:
        python = environment(WITH_SYMBOLS)
    except (LookupError, AssertionError) as error:
        pytest.skip(str(error))
    settings = InjectedSettings(
        threads=1, entries={SPINNING: "0", "session.intra_op.spin_duration_us": "500"}
    )
    ended = run("print(counted(lambda: ort.InferenceSession(MODEL, options)))", settings, python=python)
    assert ended.stdout == "0\n"
    (session,) = ended.report.sessions
    assert session.ort == WITH_SYMBOLS.version
    assert session.own == {"intra_op_num_threads": "5"}


BURN = """
import numpy, time
session = ort.InferenceSession(MODEL, options)
session.run(None, {"x": numpy.zeros((512, 512), numpy.float32)})
before = time.process_time()
time.sleep(0.3)
print(1000 * (time.process_time() - before))
"""


@pytest.mark.e2e
def test_a_pool_that_may_not_spin_costs_a_fraction_after_a_request(run: Callable[..., Ended]) -> None:
    burnt = {
        spinning: min(
            float(run(BURN, InjectedSettings(entries={SPINNING: spinning})).stdout) for _ in range(3)
        )
        for spinning in ("1", "0")
    }
    assert burnt["0"] < burnt["1"] / 5, burnt


def _completed(command: list[str], base: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env={**os.environ, **base}, capture_output=True, text=True, check=False)


def _plain(code: str, base: dict[str, str], *options: str) -> str:
    """Return what Python code says without us."""
    return _completed([sys.executable, *options, "-c", code], base).stdout
