"""Run directories as `ortprof record` leaves them, as small as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files
from profiler.run.directory import RunDirectory, complete_path, create_run

if TYPE_CHECKING:
    from pathlib import Path


SUMMARY = {
    "schema": "ortprof.summary/1",
    "created": "2026-01-01T00:00:00Z",
    "complete": True,
    "config": {"label": "spin-on+t4"},
    "workload": {"model": "bert"},
    "ort": {"version": "1.32.0", "symbols": "none", "build": "release"},
    "measured": {"cpu_ms_per_request": 2.5, "latency_ms": {"p95": 7}},
    "cpu": {"total_ms": 200.0, "by_category": {"spin": 50.0}},
}
"""As much of summary.json as lists of runs read."""


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
