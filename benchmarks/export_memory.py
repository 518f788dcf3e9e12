"""What an export of a million samples takes: seconds, and memory beside the run's own.

    python -m benchmarks.export_memory RUN [SAMPLES]

RUN is a run directory. Its samples and waits happen again and again until there are so many samples. Each
format is written, to the null device or a folder that goes, by a process of its own.
"""

from __future__ import annotations

import dataclasses
import math
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from profiler.attribution.analyse import analyse
from profiler.export.columns.exported import exported
from profiler.export.exporters import exporter_of, folder_exporter_of
from profiler.export.formats import Format
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.columns.samples import SampleRows
    from profiler.export.columns.waits import WaitRows

    Rows = TypeVar("Rows", SampleRows, WaitRows)

TIMES = ("time_ns", "begin_ns", "end_ns")


def repeated(rows: Rows, times: int, length_ns: int) -> Rows:
    """Return rows that happen again and again."""
    columns: dict[str, Any] = {}
    for field in dataclasses.fields(rows):
        column = getattr(rows, field.name)
        tiled = np.tile(column, times)
        later = np.repeat(np.arange(times), len(column)) * length_ns
        columns[field.name] = tiled + later if field.name in TIMES else tiled
    return type(rows)(**columns)


def longer(run: ExportedRun, samples: int) -> ExportedRun:
    """Return a run with at least so many samples."""
    times, length_ns = math.ceil(samples / len(run.samples.kind)), run.end_ns - run.begin_ns
    waits = None if run.waits is None else repeated(run.waits, times, length_ns)
    return dataclasses.replace(run, samples=repeated(run.samples, times, length_ns), waits=waits)


def write(run: ExportedRun, form: Format) -> None:
    """Write a run, and forget it."""
    if form.is_folder:
        with tempfile.TemporaryDirectory() as folder:
            folder_exporter_of(form).write_folder(run, Path(folder))
        return
    with Path(os.devnull).open("wb") as out:
        exporter_of(form).write(run, out)


def peak_mb() -> float:
    """Return how much memory this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Print a line a format."""
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000  # noqa: PLR2004  the second argument
    run = longer(exported(analyse(RunDirectory(Path(sys.argv[1])))), samples)
    waits = 0 if run.waits is None else len(run.waits.kind)
    print(f"{len(run.samples.kind):,} samples, {waits:,} waits: {peak_mb():.0f} MB", flush=True)
    for form in Format:
        child = os.fork()
        if not child:
            before, began = peak_mb(), time.perf_counter()
            write(run, form)
            seconds, more = time.perf_counter() - began, max(0.0, peak_mb() - before)
            print(f"{form.value}: {seconds:.1f} s, {more:.0f} MB more", flush=True)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
