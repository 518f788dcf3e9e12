"""Real code to look at: tests/data/asm/polling.cpp, compiled in several ways."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.symbols.library import LibraryIndex, open_library

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

ASM = Path(__file__).parent.parent / "data" / "asm"
AARCH64 = ASM / "polling-aarch64.so"
VARIANTS = {
    "inlined": ["-O2"],
    "outlined": ["-O2", "-DOUT_OF_LINE"],
    # Calls without the PLT; text at other addresses than offsets, as mold and lld lay it out.
    "hidden": ["-O2", "-DOUT_OF_LINE", "-fvisibility=hidden", "-Wl,-Ttext-segment=0x400000"],
    "protected": ["-O2", "-DOUT_OF_LINE", "-fcf-protection=full", "-Wl,-z,ibtplt"],
    "debug": ["-O0", "-g", "-DOUT_OF_LINE"],
}


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Compile a variant as a shared library; "NAME-stripped" is the same without its symbols."""
    folder = tmp_path_factory.mktemp("build")

    def built(name: str) -> Path:
        library = folder / f"{name}.so"
        if library.exists():
            return library
        variant, _, stripped = name.partition("-")
        if stripped:
            shutil.copy(built(variant), library)
            subprocess.run(["strip", str(library)], check=True)
        else:
            options = [*VARIANTS[variant], "-shared", "-fPIC", "-Wl,--build-id=sha1"]
            subprocess.run(["g++", *options, "-o", str(library), str(ASM / "polling.cpp")], check=True)
        return library

    return built


@pytest.fixture
def index(build: Callable[[str], Path], tmp_path: Path) -> Callable[[str], LibraryIndex]:
    """Index a variant, with a cache of the test's own."""
    return lambda name: open_library(build(name), cache_folder=tmp_path / "cache")


@pytest.fixture
def aarch64(tmp_path: Path) -> LibraryIndex:
    """The committed aarch64 library."""
    return open_library(AARCH64, cache_folder=tmp_path / "cache")


@pytest.fixture(scope="session")
def aarch64_path() -> Path:
    return AARCH64


@pytest.fixture(scope="session")
def names() -> Callable[[LibraryIndex, npt.NDArray[np.integer]], set[str | None]]:
    """Names of functions by their indices."""
    return lambda library, functions: {library.functions.name(int(at)) for at in functions}


@pytest.fixture(scope="session")
def number() -> Callable[[LibraryIndex, str], int]:
    """Index of a function by its name."""
    return lambda library, name: next(
        at for at in range(len(library.functions)) if library.functions.name(at) == name
    )
