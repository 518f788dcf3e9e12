"""ONNX Runtime releases, each in a virtual environment of its own, kept in the user's cache."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from profiler import process

CACHE = platformdirs.user_cache_path("ortprof-tests")
PROBE_SECONDS = 20.0
INSTALL_SECONDS = 280.0
OLD_PYTHONS = ("3.8", "3.9", "3.10")
"""The oldest that the workload runs in comes first."""
PYTHONS = ("3.11", "3.12", "3.10")
"""The latest releases have no wheels for 3.10, the oldest none for 3.12."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release and the Python versions to try, the first that is there wins."""

    version: str
    pythons: tuple[str, ...] = PYTHONS

    @property
    def folder(self) -> str:
        """Its environment's name in the cache."""
        return f"onnxruntime-{self.version}"


WITH_SYMBOLS = Wheel("1.12.1", OLD_PYTHONS)
"""The one release that kept its symbol table."""
STRIPPED = (
    Wheel("1.15.1", ("3.11", "3.10")),
    Wheel("1.17.3"),
    Wheel("1.18.1"),
    Wheel("1.20.1"),
    Wheel("1.23.2"),
    Wheel("1.27.0", ("3.11", "3.12")),
    Wheel("1.32.0", ("3.11", "3.12")),
)


def interpreter(wheel: Wheel) -> str | None:
    """Return a Python for a wheel: on PATH, or one of pyenv's, whose PATH entries may be switched off."""
    candidates = [f"python{version}" for version in wheel.pythons if shutil.which(f"python{version}")]
    if shutil.which("pyenv") is not None:
        root = Path(process.run(["pyenv", "root"], timeout=PROBE_SECONDS).stdout.decode().strip())
        for version in wheel.pythons:
            candidates += map(str, root.glob(f"versions/{version}.*/bin/python{version}"))
    return next(filter(_works, candidates), None)


def _works(python: str) -> bool:
    return process.run([python, "-c", ""], timeout=PROBE_SECONDS).exit_code == 0


def why_not(wheel: Wheel) -> str | None:
    """Say why a wheel can't be tried here, None when it can."""
    if (CACHE / wheel.folder).exists() or interpreter(wheel) is not None:
        return None
    return f"onnxruntime {wheel.version} wants Python {' or '.join(wheel.pythons)}, and none is on PATH"


def environment(wheel: Wheel) -> str:
    """Return the Python of a wheel's environment, which is made where there is none yet.

    `AssertionError` when no interpreter suits, or with pip's words when it can't install.
    """
    place = CACHE / wheel.folder
    if not place.exists():
        base = interpreter(wheel)
        assert base is not None, why_not(wheel)
        partial = place.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _run(base, "-m", "venv", str(partial))
        # NumPy 2 can't load modules that were built against NumPy 1, as those before 1.19.
        packages = (f"onnxruntime=={wheel.version}", "numpy<2")
        _run(str(partial / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages)
        partial.rename(place)
    return str(place / "bin" / "python")


def _run(*command: str) -> None:
    done = process.run(command, timeout=INSTALL_SECONDS)
    said = done.stderr.strip().splitlines()
    assert done.exit_code == 0, f"{' '.join(command[1:])}: {said[-1] if said else done.exit_code}"
