"""A small program with debug information and inlining (tests/data/source/waiting.cpp), compiled by tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.symbols.library import open_library

if TYPE_CHECKING:
    from profiler.symbols.library import LibraryIndex

SOURCE = Path(__file__).parent / "data" / "source" / "waiting.cpp"
FUNCTION = "wait_for"
VARIANTS = {
    "optimised": ("-O2",),
    "debug": ("-O0",),
    # Text at other addresses than offsets.
    "shifted": ("-O2", "-Wl,-Ttext-segment=0x400000"),
    "mold": ("-O2", "-fuse-ld=mold"),
    "compressed": ("-O2", "-gz=zlib"),
}


def line_of(comment: str) -> int:
    """Return the number of the line that ends with a comment."""
    lines = SOURCE.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.endswith(f"// {comment}"))


def compile_waiting(folder: Path, variant: str = "optimised", *, build_id: str = "none") -> Path:
    """Compile it (once) as a shared library with debug information; skips where the linker is missing.

    The source is copied beside the library, so that tests may change it. Without a build id ("sha1" gives
    one) nothing of it is kept in the user's cache.
    """
    if variant == "mold" and shutil.which("mold") is None:
        pytest.skip("no mold on PATH")
    source, library = folder / SOURCE.name, folder / f"libwaiting-{variant}-{build_id}.so"
    if library.exists():
        return library
    shutil.copy(SOURCE, source)
    options = (*VARIANTS[variant], "-std=c++17", "-g", "-shared", "-fPIC", f"-Wl,--build-id={build_id}")
    subprocess.run(["g++", *options, "-o", str(library), str(source)], check=True)
    return library


def pause_in(library: Path, cache_folder: Path) -> tuple[LibraryIndex, int]:
    """Return a library's index and the virtual address of its pause."""
    index = open_library(library, cache_folder=cache_folder)
    (pause,) = index.spins.address.tolist()
    return index, pause
