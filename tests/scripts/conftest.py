from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.scripts.packages import make_index
from tests.scripts.upstream import ENVIRONMENT, make_repository

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "build_ort_debug.sh"


@dataclass
class Script:
    """`build_ort_debug.sh` with a build folder of its own and no index of Python packages but a local one."""

    build: Path
    packages: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *args: str) -> list[str]:
        return [str(SCRIPT), "--build-dir", str(self.build), "--python", sys.executable, *args]

    def environ(self, **changes: str) -> dict[str, str]:
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.packages), "PIP_CONFIG_FILE": os.devnull}
        return {**os.environ, **ENVIRONMENT, **pip, **self.environment, **changes}

    def run(self, *args: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*args), capture_output=True, text=True, check=False, env=self.environ(**changes)
        )

    def refused(self, status: int, *args: str, **changes: str) -> str:
        """Run it; it must end so and leave nothing that could be taken for a result. Return what it said."""
        done = self.run(*args, **changes)
        assert done.returncode == status, done.stderr
        assert not list(self.build.glob("venv-*"))
        return done.stderr

    def builds(self, *args: str, **changes: str) -> str:
        done = self.run(*args, **changes)
        assert done.returncode == 0, done.stderr
        return done.stderr


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("packages") / "index")


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(tmp_path_factory.mktemp("upstream") / "upstream")


@pytest.fixture
def script(tmp_path: Path, packages: Path) -> Script:
    return Script(tmp_path / "build", packages)


def skip_where_nothing_can_be_built(folder: Path) -> None:
    """The script checks the machine before it builds; where that says no, there is nothing to test."""
    if shutil.disk_usage(folder).free < 13_000_000_000:
        pytest.skip("less than 13 GB of disk are free")
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        pytest.skip(f"{sys.executable} has no headers")
    for program in ("git", "c++", "flock"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing")
