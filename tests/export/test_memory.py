"""A profile of many samples is written as it is made."""

from __future__ import annotations

import dataclasses
import io
import tracemalloc
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import numpy as np
import pytest

from profiler.export.columns.exported import exported
from profiler.export.exporters import exporter_of
from profiler.export.formats import Format

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from profiler.attribution.analysis import Analysis
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.columns.samples import SampleRows
    from profiler.export.columns.waits import WaitRows

    Rows = TypeVar("Rows", SampleRows, WaitRows)

FEW, MANY = 10, 50
"""Times that the run's rows are there."""
MOST_BYTES = 80
"""A row may take meanwhile: some columns of numbers, but no object of Python's and no text."""


class Sink(io.BufferedIOBase):
    """Forgets what is written."""

    def writable(self) -> bool:
        return True

    def write(self, content: Buffer) -> int:
        return memoryview(content).nbytes


def repeated(rows: Rows, times: int, length_ns: int) -> Rows:
    """Let the same happen again and again."""
    columns: dict[str, Any] = {}
    for field in dataclasses.fields(rows):
        column = getattr(rows, field.name)
        later = np.repeat(np.arange(times), len(column)) * length_ns
        tiled = np.tile(column, times)
        columns[field.name] = tiled + later if field.name in ("time_ns", "begin_ns", "end_ns") else tiled
    return type(rows)(**columns)


def longer(run: ExportedRun, times: int) -> ExportedRun:
    assert run.waits is not None
    length_ns = run.end_ns - run.begin_ns
    return dataclasses.replace(
        run,
        samples=repeated(run.samples, times, length_ns),
        waits=repeated(run.waits, times, length_ns),
    )


def peak(run: ExportedRun, form: Format) -> int:
    tracemalloc.start()
    try:
        exporter_of(form).write(run, cast("BinaryIO", Sink()))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", [form for form in Format if not form.is_folder])
def test_rows_do_not_pile_up(analysis: Analysis, form: Format) -> None:
    run = exported(analysis)
    assert run.waits is not None
    rows = (len(run.samples.kind) + len(run.waits.kind)) * (MANY - FEW)
    grown = peak(longer(run, MANY), form) - peak(longer(run, FEW), form)
    assert grown / rows < MOST_BYTES
