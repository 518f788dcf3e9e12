"""Run directories as `ortprof record` leaves them, as small as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files
from profiler.run.directory import RunDirectory, complete_path, create_run

if TYPE_CHECKING:
    from pathlib import Path


def make_run(reports: Path, name: str, configuration: str = "spin-on", *adjustments: str) -> RunDirectory:
    with create_run(reports, name) as run:
        files.write_json(
            run.manifest, {"configuration": {"name": configuration, "adjustments": list(adjustments)}}
        )
    return RunDirectory(complete_path(run))


def contents(folder: Path) -> dict[str, bytes]:
    """Return what each file below a folder holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
