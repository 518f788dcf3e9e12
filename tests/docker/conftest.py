"""Real container engines, with an image that the shipped Dockerfile makes of a real Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docker import engines
from tests.e2e.program import ORTPROF, run

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "debian-python"
SUITE = "trixie"
"""Not the release that this is developed on, so that it shows when a file of the host's is read instead."""
PACKAGES = "python3-venv,ca-certificates"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything in this folder starts engines, so it runs when it is asked for."""
    asked = "docker" in config.option.markexpr
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docker)
            if not asked:
                item.add_marker(pytest.mark.skip(reason="on demand: make test-docker"))


@dataclass(frozen=True)
class Engine:
    """An engine that runs, with an image `ortprof`."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)

    def tell(self, *args: str) -> str:
        """Run one of its commands."""
        return self._run(*args).stdout

    def containers(self) -> list[str]:
        """Return the names of its containers, running or not."""
        return self.tell("ps", "--all", "--format", "{{.Names}}").split()

    def ortprof(self, *args: str, reports: Path) -> subprocess.CompletedProcess[str]:
        """Run ortprof to its end."""
        return run(*args, reports=reports, wrapper=(), **self.environment)

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run `ortprof container build` with this engine to its end."""
        return subprocess.run(
            [str(ORTPROF), "container", "build", "--engine", self.name, *options],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def _run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.name, *args],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )


@pytest.fixture(scope="session")
def rootfs() -> Iterator[Path]:
    """A Debian with Python, in a folder."""
    if shutil.which("debootstrap") is None:
        pytest.skip("no debootstrap")
    folder = Path(tempfile.mkdtemp(prefix="ortprof-rootfs-"))
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        if done.returncode:
            pytest.skip(f"debootstrap failed: {done.stdout.strip().splitlines()[-1:]}")
        yield folder
    finally:
        engines.remove(folder)


@pytest.fixture(scope="session")
def wheels(rootfs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ONNX Runtime and what it needs, for the Python of that Debian."""
    (python,) = (path.name for path in (rootfs / "usr/bin").glob("python3.*") if "-" not in path.name)
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"),
            *("--python-version", python.removeprefix("python"), "--dest", str(folder), "onnxruntime"),
        ],
        check=True,
    )
    return folder


@pytest.fixture(scope="session", params=["docker", "podman"])
def engine(request: pytest.FixtureRequest, rootfs: Path, wheels: Path) -> Iterator[Engine]:
    """Each engine that this machine can start."""
    program = {"docker": "dockerd", "podman": "podman"}[request.param]
    if os.geteuid() != 0:
        pytest.skip("starting an engine takes root")
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")
    # Not below pytest's folders: a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="ortprof-"))
    try:
        with getattr(engines, request.param)(folder) as environment:
            engine = Engine(request.param, environment)
            archive = folder / "rootfs.tar"
            subprocess.run(["tar", "-C", str(rootfs), "-cf", str(archive), "."], check=True)
            engine.tell("import", str(archive), BASE)
            archive.unlink()
            base = BASE if request.param == "docker" else f"localhost/{BASE}"
            built = engine.build("--base", base, "--wheels", str(wheels))
            assert built.returncode == 0, built.stderr
            assert built.stdout.startswith("ortprof (")
            yield engine
    except engines.NotStartedError as error:
        pytest.skip(str(error))
