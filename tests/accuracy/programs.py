"""Compiles the ground-truth programs: a driver, and a pool in a library that bears the runtime's name.

Attribution tells the runtime's code by its library's name, so a pool that stands in for ONNX Runtime's lives
in `libonnxruntime_*.so`. Without a build id ortprof keeps no index of it in the user's cache.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from profiler import process

SOURCES = Path(__file__).parent / "programs"
OPTIONS = ("-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread")
COMPILE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Build:
    """One way to compile a pool."""

    name: str
    pool: str
    """Source file's stem."""
    options: tuple[str, ...] = ()
    stripped: bool = True
    environment: tuple[tuple[str, str], ...] = ()


OUT_OF_LINE = ("-DPAUSE_OUT_OF_LINE",)
POOLS = (
    Build("stripped, pause inlined", "pool"),
    Build("stripped, pause out of line", "pool", OUT_OF_LINE),
    Build("symbols, pause inlined", "pool", stripped=False),
    Build("symbols, pause out of line", "pool", OUT_OF_LINE, stripped=False),
)
INLINED = Build("debug information, all inlined", "pool", ("-g", "-O3", "-DNOINLINE="), stripped=False)
OPENMP = Build("libgomp, stripped", "openmp", ("-fopenmp",), environment=(("OMP_WAIT_POLICY", "active"),))


def compile_program(build: Build, folder: Path) -> Path:
    """Compile a pool and the driver into `folder` (once) and return the driver's path.

    `AssertionError` with the compiler's words when it fails.
    """
    place = folder / build.name.replace(", ", "-").replace(" ", "-")
    program = place / "driver"
    if program.exists():
        return program
    place.mkdir(parents=True)
    library = place / f"libonnxruntime_{build.pool}.so"
    source = str(SOURCES / f"{build.pool}.cpp")
    shared = ("-shared", "-fPIC", "-Wl,--build-id=none", "-o", str(library))
    run_compiler("g++", *OPTIONS, *build.options, *shared, source)
    if build.stripped:
        run_compiler("strip", str(library))
    driver = str(SOURCES / "driver.cpp")
    linked = ("-Wl,--build-id=none", "-Wl,-rpath,$ORIGIN", str(library))
    run_compiler("g++", *OPTIONS, "-o", str(program), driver, *linked)
    return program


def compiler_missing() -> str | None:
    """Say which tool is missing, None when all are there."""
    missing = [tool for tool in ("g++", "strip") if shutil.which(tool) is None]
    return f"{' and '.join(missing)} not on PATH" if missing else None


def run_compiler(*command: str) -> None:
    """Run a compiler or its like; `AssertionError` with its words when it fails."""
    done = process.run(command, timeout=COMPILE_SECONDS)
    assert done.exit_code == 0, f"{command}: {done.stderr}"
