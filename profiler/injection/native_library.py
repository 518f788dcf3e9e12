"""The library that is preloaded, built once from `native/` by the C compiler at hand, and kept."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
from pathlib import Path

import platformdirs

from profiler import process
from profiler.errors import MachineError
from profiler.injection.hook import Hook

SOURCES = Path(__file__).parent / "native"
COMPILERS = ("cc", "gcc", "clang")
OPTIONS = (
    "-std=gnu11",
    "-O2",  # `dlsym` must jump to the real one
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-U_FORTIFY_SOURCE",  # its functions are glibc's of a certain age
)
COMPILE_SECONDS = 60.0
NAME = "ortprof_sessions.so"
GLIBC_LIBRARY_FOLDERS = ("lib", "lib64", f"lib/{platform.machine()}-linux-gnu")
"""What glibc may make of `$LIB` for a program of this machine's own architecture (ld.so(8))."""


def default_folder() -> Path:
    """Return the folder of built libraries under the user's cache folder (XDG)."""
    return platformdirs.user_cache_path("ortprof") / "injection"


def build(folder: Path) -> Hook:
    """Return the library's path for LD_PRELOAD, building it into `folder` where it is not there yet.

    The path holds `$LIB`, which glibc replaces by the folder of its own libraries. musl, which ends a
    program over a library that it can't link, finds no such file, and leaves it out.
    """
    if any(separator in str(folder) for separator in ": "):
        return Hook.unavailable(
            "LD_PRELOAD can't hold a path with a space or a colon",
            f"the cache folder is {folder.parent}: XDG_CACHE_HOME moves it",
        )
    sources = {path.name: path.read_bytes() for path in sorted(SOURCES.glob("*.[ch]"))}
    place = folder / _key(sources)
    if not (place / NAME).exists():
        try:
            failed = _compile(sources, place)
        except MachineError as error:
            failed = error.message
        except OSError as error:
            failed = f"{place} can't be written: {error.strerror}"
        if failed is not None:
            return Hook.unavailable(
                f"no library to preload: {failed}", "install a C compiler: apt-get install gcc libc6-dev"
            )
    return Hook(str(place / "$LIB" / NAME))


def _key(sources: dict[str, bytes]) -> str:
    """Name a build by what goes into it."""
    digest = hashlib.sha256(
        repr((sorted(sources.items()), OPTIONS, platform.machine(), platform.libc_ver())).encode()
    )
    return digest.hexdigest()[:16]


def _compile(sources: dict[str, bytes], place: Path) -> str | None:
    """Build into `place`, which is there as a whole or not at all; return what went wrong."""
    compiler = next(filter(shutil.which, COMPILERS), None)
    if compiler is None:
        return f"none of {', '.join(COMPILERS)} is on PATH"
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as temporary:
        made = Path(temporary) / place.name
        made.mkdir()
        code = [str(SOURCES / name) for name in sources if name.endswith(".c")]
        done = process.run(
            [compiler, *OPTIONS, "-o", str(made / NAME), *code, "-ldl"], timeout=COMPILE_SECONDS
        )
        if done.exit_code != 0:
            said = process.last_lines(done.stderr, 1)
            return f"{compiler} failed: {said[0] if said else f'exit code {done.exit_code}'}"
        for library_folder in GLIBC_LIBRARY_FOLDERS:
            link = made / library_folder / NAME
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(made / NAME, link.parent))
        try:
            made.rename(place)
        except OSError:  # another ortprof was faster
            if not (place / NAME).exists():
                raise
    return None
