"""A run as tables: samples, waits and requests, a row each, for Parquet and CSV.

Columns of Apache Arrow (https://arrow.apache.org/docs/python), of the package's extra `data`. What a column
holds, and its unit, stands in its field's metadata.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from profiler.export.columns.chains import STRUCTURAL
from profiler.export.columns.names import clean
from profiler.run.kinds import EVIDENCES, KINDS, PARTS, WAITS
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiler.arrays import Column
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.columns.samples import SampleRows
    from profiler.export.columns.waits import WaitRows
    from profiler.run.request import Request

CLOCK = "CLOCK_MONOTONIC"
TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table."""

    name: str
    type: Any
    """Of Arrow's."""
    description: str
    make: Callable[[slice], Any]
    """Returns the values of some rows, as an Arrow array."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, made part by part."""

    name: str
    rows: int
    fields: list[Field]
    about: dict[str, str]
    """What the table's own metadata say."""

    @property
    def schema(self) -> Any:
        """Return its Arrow schema."""
        fields = [
            pa.field(
                field.name,
                field.type,
                metadata={"description": field.description} | ({"unit": field.unit} if field.unit else {}),
            )
            for field in self.fields
        ]
        return pa.schema(fields, metadata=self.about)

    def batches(self, rows: int) -> Iterator[Any]:
        """Yield record batches of at most so many rows."""
        for begin in range(0, self.rows, rows):
            part = slice(begin, begin + rows)
            yield pa.record_batch([field.make(part) for field in self.fields], schema=self.schema)


def tables_of(run: ExportedRun) -> Iterator[Table]:
    """Yield the samples, the waits (none where context switches were not recorded) and the requests."""
    about = {"ortprof": run.manifest.ortprof, "run": clean(run.manifest.run_id), "title": run.title}
    yield Table("samples", len(run.samples.kind), _sample_fields(run, run.samples), about)
    if run.waits is not None:
        yield Table("waits", len(run.waits.kind), _wait_fields(run, run.waits), about)
    yield Table("requests", len(run.all_requests), _request_fields(run), about)


def _sample_fields(run: ExportedRun, samples: SampleRows) -> list[Field]:
    return [
        _number("time_ns", samples.time_ns, f"when: {CLOCK}", "ns"),
        _number("cpu_ns", samples.cpu_ns, "CPU time that it stands for", "ns"),
        _text("kind", samples.kind, [kind.value for kind in KINDS], "what the time was for"),
        _text("category", samples.kind, [kind.category.value for kind in KINDS], "of the kind"),
        *_place_fields(run, samples),
    ]


def _wait_fields(run: ExportedRun, waits: WaitRows) -> list[Field]:
    return [
        _number("begin_ns", waits.begin_ns, f"when it began: {CLOCK}", "ns"),
        _number("end_ns", waits.end_ns, f"when it ended: {CLOCK}", "ns"),
        _number("wait_ns", waits.ns, "its length", "ns"),
        _text("kind", waits.kind, [wait.value for wait in WAITS], "why the thread was off the CPU"),
        _optional("waker", waits.waker, "thread id of who woke it at the begin"),
        _optional("ran_ns", waits.ran_ns, f"when the thread ran again: {CLOCK}", "ns"),
        *_place_fields(run, waits),
    ]


def _place_fields(run: ExportedRun, rows: SampleRows | WaitRows) -> list[Field]:
    """Return what samples and waits share: of which thread, for which request, where in the code."""
    threads, chains = run.threads, run.chains
    pids = np.array([thread.pid for thread in threads], np.int32)
    tids = np.array([thread.tid for thread in threads], np.int32)
    stacks, which = np.unique(rows.stack, return_inverse=True)
    paths = [chains.path(stack) for stack in stacks.tolist()]
    names = [STRUCTURAL.sub("\N{REPLACEMENT CHARACTER}", name) for name, _ in chains.functions]
    innermost = [chains.functions[path[-1]] for path in paths]
    stack = which.reshape(-1).astype(np.int32)
    return [
        _text(
            "evidence", rows.evidence, [evidence.value for evidence in EVIDENCES], "what the verdict rests on"
        ),
        _optional("request", rows.request, "the one in flight", add=1),
        Field("pid", pa.int32(), "process id", lambda part: pa.array(pids[rows.thread[part]])),
        Field("tid", pa.int32(), "thread id", lambda part: pa.array(tids[rows.thread[part]])),
        _text("thread", rows.thread, [thread.label for thread in threads], "as the report names it"),
        _text("role", rows.thread, [thread.role.value for thread in threads], "of the thread"),
        _text("pool", rows.thread, [thread.pool for thread in threads], "the thread's; empty for none"),
        _text("function", stack, [function for function, _ in innermost], "the innermost"),
        _text("library", stack, [library for _, library in innermost], "of the function"),
        _text(
            "stack", stack, [";".join(names[i] for i in path) for path in paths], "outermost;...;innermost"
        ),
    ]


def _request_fields(run: ExportedRun) -> list[Field]:
    requests = run.all_requests
    profiled = {id(request): number for number, request in enumerate(run.requests)}
    numbers = [profiled.get(id(request), NONE) for request in requests]

    def times(name: str, description: str, of: Callable[[Request], int | None]) -> Field:
        values = [of(request) for request in requests]
        return Field(name, pa.int64(), description, lambda part: pa.array(values[part], pa.int64()), "ns")

    def texts(name: str, description: str, of: Callable[[Request], str]) -> Field:
        values = [of(request) for request in requests]
        return Field(name, TEXT, description, lambda part: pa.array(values[part]).dictionary_encode())

    parts = [run.parts_ns(number) if number != NONE else {} for number in numbers]
    return [
        _optional(
            "request",
            np.array(numbers, np.int32),
            "what samples and waits name it by; empty where another phase served it",
            add=1,
        ),
        texts(
            "phase", "measure: nothing attached; profile: perf attached", lambda request: clean(request.phase)
        ),
        texts("source", "who says when it began and ended", lambda request: request.source.value),
        texts(
            "pool", "that served it; empty where there is but one", lambda request: clean(request.pool or "")
        ),
        _optional(
            "caller",
            np.array(
                [request.caller if request.caller is not None else NONE for request in requests], np.int32
            ),
            "thread id of who called Run",
        ),
        times("scheduled_ns", f"when it was due: {CLOCK}", lambda request: request.scheduled_ns),
        times("start_ns", f"when it started: {CLOCK}", lambda request: request.start_ns),
        times("end_ns", f"when it ended: {CLOCK}", lambda request: request.end_ns),
        times("latency_ns", "from when it was due to its end", lambda request: request.latency_ns),
        times("cpu_ns", "CPU time of the whole process meanwhile", lambda request: request.cpu_ns),
        *(
            _nanoseconds(
                f"part_{part.value.replace('-', '_')}_ns",
                [None if part not in mine else round(mine[part]) for mine in parts],
                "wall time of the request: see docs/reading.md",
            )
            for part in PARTS
        ),
    ]


def _nanoseconds(name: str, values: Sequence[int | None], description: str) -> Field:
    return Field(name, pa.int64(), description, lambda part: pa.array(values[part], pa.int64()), "ns")


def _number(name: str, column: Column, description: str, unit: str) -> Field:
    made = pa.from_numpy_dtype(column.dtype)
    return Field(name, made, description, lambda part: pa.array(column[part], made), unit)


def _optional(name: str, column: Column, description: str, unit: str = "", *, add: int = 0) -> Field:
    """Return a column in which `NONE` is no value, others with a number added."""
    made = pa.from_numpy_dtype(column.dtype)

    def make(part: slice) -> Any:
        return pa.array(column[part] + column.dtype.type(add), made, mask=column[part] == NONE)

    return Field(name, made, description, make, unit)


def _text(name: str, column: Column, texts: Sequence[str], description: str) -> Field:
    """Return a column of indices into texts; each text is there once."""
    distinct: dict[str, int] = {}
    place = np.array([distinct.setdefault(text, len(distinct)) for text in texts] or [0], np.int32)
    values = pa.array(list(distinct), pa.string())

    def make(part: slice) -> Any:
        return pa.DictionaryArray.from_arrays(pa.array(place[column[part]], pa.int32()), values)

    return Field(name, TEXT, description, make)
