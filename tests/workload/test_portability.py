"""The workload runs in any interpreter from Python 3.8 on, with nothing of ours installed."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from profiler.workload.inputs import NUMPY_TYPES
from tests.accuracy.wheels import WITH_SYMBOLS, environment

from . import onnx_files
from .client import PACKAGE, Client, write_stand_in

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

MODULES = sorted(PACKAGE.glob("*.py"))
OLDEST = (3, 8)
# Each is in Python 3.8's standard library.
STANDARD = {
    "__future__", "fcntl", "hashlib", "importlib", "itertools", "json", "os", "queue", "random", "select",
    "sys", "threading", "time", "typing",
}  # fmt: skip


@pytest.fixture
def old_python() -> str:
    """An old interpreter with an old ONNX Runtime; skips where there is none."""
    try:
        return environment(WITH_SYMBOLS)
    except LookupError as error:
        pytest.skip(str(error))


def imports(module: Path) -> set[str]:
    """Names of the modules that a file imports from outside its package, to the first dot."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
    return {name.partition(".")[0] for name in found}


def test_the_package_is_what_is_looked_at() -> None:
    assert {"__main__.py", "server.py", "session.py"} <= {module.name for module in MODULES}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_is_python_3_8(module: Path) -> None:
    ast.parse(module.read_text(), feature_version=OLDEST)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_imports_only_what_any_onnxruntime_has(module: Path) -> None:
    assert imports(module) <= STANDARD | {"numpy", "onnxruntime"}


@pytest.mark.parametrize(
    "name",
    [
        "__init__",
        "__main__",
        "arrivals",
        "callers",
        "channel",
        "elements",
        "flag",
        "load",
        "phase",
        "request_numbers",
        "server",
    ],
)
def test_what_runs_before_onnxruntime_is_imported_needs_neither_it_nor_numpy(name: str) -> None:
    """Otherwise their absence would be a traceback instead of an error event."""
    assert imports(PACKAGE / f"{name}.py") <= STANDARD


def test_it_starts_from_anywhere(tmp_path: Path) -> None:
    """From a copy elsewhere, in isolated mode: no working directory, no PYTHONPATH, no user site."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-I", str(copy)], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b'"event":"hello"' in done.stdout


def test_its_modules_shadow_nobodys(tmp_path: Path) -> None:
    """`inputs`, `session` and so on are names that a library may use."""
    (tmp_path / "session.py").write_text("MINE = True")
    write_stand_in(tmp_path, "import session; assert session.MINE")
    with Client(tmp_path / "log", environment={"PYTHONPATH": str(tmp_path)}) as client:
        assert client.receive()["event"] == "hello"


@pytest.mark.e2e
def test_an_old_python_runs_a_phase(old_python: str, tmp_path: Path) -> None:
    model = onnx_files.write_small(tmp_path / "m.onnx")
    with Client(tmp_path / "log", old_python) as client:
        ready = client.open(model, threads=3, callers=2)
        assert ready["event"] == "ready"
        assert len(ready["sessions"][0]["pools"][0]["tids"]) == 2
        start = client.start("measure", 0.05, rate=100)
        rows, done = client.finish("measure")
        assert sorted(row[0] - start for row in rows) == [n * 10_000_000 for n in range(5)]
        assert done["stopped"] is False
        client.stdin.close()
        assert client.child.wait() == 0


@pytest.mark.e2e
def test_an_old_python_makes_inputs_of_every_type(old_python: str, tmp_path: Path) -> None:
    model = onnx_files.write_identities(tmp_path / "m.onnx", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    with Client(tmp_path / "log", old_python) as client:
        ready = client.open(model, batch=2)
        assert {entry["type"] for entry in ready["sessions"][0]["inputs"]["tensors"]} == {
            *NUMPY_TYPES,
            "tensor(string)",
        }
