"""The wheel, installed into an empty environment: what it holds, and that it runs the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.beside

ROOT = Path(__file__).resolve().parents[2]


def start(*command: str | Path, folder: Path) -> str:
    """Run a command in `folder` without anything of this environment's Python; return what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty virtual environment."""
    folder = tmp_path_factory.mktemp("package") / "venv"
    start(sys.executable, "-m", "venv", folder, folder=folder.parent)
    return folder


@pytest.fixture(scope="module")
def wheel(venv: Path) -> Path:
    pip = (venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check")
    start(*pip, "wheel", "--no-deps", "--wheel-dir", venv.parent, ROOT, folder=venv.parent)
    (built,) = venv.parent.glob("*.whl")
    return built


def test_the_wheel_holds_what_pages_are_made_of_and_no_other_script(wheel: Path) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "profiler").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    scripts = {path for path in sources if path.endswith(".js") and not path.endswith("/bundle.js")}
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("profiler/")}
    assert packed == sources - scripts
    assert {"profiler/pages/run/bundle.js", "profiler/pages/base/base.css", "profiler/py.typed"} <= packed


def test_what_it_says_of_itself_is_complete(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    said = {line.partition(": ")[0] for line in lines}
    assert {"Summary", "License-Expression", "License-File", "Requires-Python", "Keywords"} <= said
    classifiers = {line.partition(": ")[2] for line in lines if line.startswith("Classifier: ")}
    assert {"Typing :: Typed", "Programming Language :: Python :: 3.10"} <= classifiers
    assert any(one.startswith("Topic :: ") for one in classifiers)


def test_installed_into_an_empty_environment_it_runs_the_demo(
    venv: Path, wheel: Path, tmp_path: Path
) -> None:
    start(venv / "bin" / "python", "-m", "pip", "install", "--quiet", wheel, folder=tmp_path)
    ortprof = venv / "bin" / "ortprof"
    start(ortprof, "models", "prepare", "tiny", folder=tmp_path)
    said = start(
        ortprof,
        "record",
        "--model",
        "tiny",
        "--warmup",
        "0.5",
        "--measure",
        "2",
        "--profile",
        "2",
        folder=tmp_path,
    )
    (report,) = (tmp_path / "reports").glob("2*/report.html")
    assert "Report: " in said
    assert "<script" in report.read_text("utf-8")
    assert "CPU" in start(ortprof, "show", report.parent, folder=tmp_path)
