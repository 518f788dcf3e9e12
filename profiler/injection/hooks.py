"""The hooks put in their places: a folder for Python's path, and a library to preload."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from profiler import files
from profiler.injection import native_library
from profiler.injection.hook import Hook

PYTHON_SOURCES = Path(__file__).parent / "python"


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a command is started with, and where its processes report."""

    folder: Path
    """Absolute; each process writes a file of its own there (`profiler.injection.report`)."""
    python: Hook
    """A folder for PYTHONPATH."""
    native: Hook
    """A library for LD_PRELOAD."""


def prepare(folder: Path, cache: Path | None = None) -> Hooks:
    """Make the folder for reports, with Python's hook in it, and build the library if it is not built yet.

    Python's hook is copied, so that what Python compiles of it lies in that folder too. The library is kept
    in `cache` (None: the user's), because what the command leaves running may start others with it later.
    `NotWrittenError` where the folder can't be written. A hook that can't be had says why.
    """
    folder = folder.absolute()
    python = folder / "python"
    try:
        python.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            folder.chmod(0o1777)  # a service that root starts reports as the user that it becomes
        for source in sorted(PYTHON_SOURCES.glob("*.py")):
            shutil.copyfile(source, python / source.name)
    except OSError as error:
        raise files.not_written(folder, error) from error
    return Hooks(folder, _on_path(python), native_library.build(cache or native_library.default_folder()))


def _on_path(python: Path) -> Hook:
    if ":" in str(python):
        return Hook.unavailable(
            "PYTHONPATH can't hold a colon", f"the reports folder is {python}: choose another"
        )
    return Hook(str(python))
