"""Firefox Profiler's markers: what threads waited for, requests, and a CPU limit's throttled stretches.

Format: `RawMarkerTable`, `MarkerSchema` and `CauseBacktrace` in src/types/ of
https://github.com/firefox-devtools/profiler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from profiler.export.columns.names import clean
from profiler.export.columns.parts import rows
from profiler.export.firefox_categories import REQUESTS
from profiler.run.kinds import EVIDENCES, KINDS, PARTS, WAITS, Wait
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.arrays import Column
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.columns.waits import WaitRows

MS = 1e6
REQUEST, WAIT, THROTTLED = range(3)
"""Indices into `SCHEMAS`."""
NAMES = ("request", *(wait.value for wait in WAITS))
"""What markers are called: a request's name, then those of waits."""


class MarkerSchemaField(msgspec.Struct):
    """`MarkerSchemaField`."""

    key: str
    label: str
    format: str


class MarkerSchema(msgspec.Struct, rename="camel"):
    """`MarkerSchema`."""

    name: str
    table_label: str
    description: str
    fields: list[MarkerSchemaField]
    display: tuple[str, ...] = ("marker-chart", "marker-table", "timeline-overview")


SCHEMAS = (
    MarkerSchema(
        "Request",
        "request {marker.data.number}: {marker.data.latency}",
        "An inference, from its start to its end.",
        [
            MarkerSchemaField("number", "Number", "integer"),
            MarkerSchemaField("latency", "Latency, from the scheduled instant", "duration"),
            MarkerSchemaField("source", "Known by", "string"),
            MarkerSchemaField("pool", "Pool", "string"),
            *(MarkerSchemaField(part.value, f"Of it {part.value}", "duration") for part in PARTS),
        ],
    ),
    MarkerSchema(
        "Wait",
        "{marker.name}",
        "The thread was off the CPU.",
        [
            MarkerSchemaField("request", "Request in flight", "integer"),
            MarkerSchemaField("evidence", "Evidence", "string"),
            MarkerSchemaField("waker", "Woken by", "string"),
        ],
    ),
    MarkerSchema("Throttled", "throttled", "Nothing could run: the CPU limit's quota was used up.", []),
)


@dataclass(frozen=True, slots=True)
class Markers:
    """One thread's, in order of their starts."""

    name: Column
    """Index into `NAMES`."""
    category: Column
    schema: Column
    """Index into `SCHEMAS`."""
    row: Column
    """Of the run's requests, waits or stretches."""
    start_ns: Column
    end_ns: Column


def markers_of(run: ExportedRun, thread: int) -> Markers:
    """Return a thread's waits and the requests that it called; the first thread has the stretches, too."""
    requests = [
        _row(0, REQUESTS, REQUEST, number, (request.start_ns, request.end_ns))
        for number, request in enumerate(run.requests)
        if run.caller(request) == thread
    ]
    throttled = WAITS.index(Wait.THROTTLED)
    stretches = [
        _row(1 + throttled, len(KINDS) + throttled, THROTTLED, number, stretch)
        for number, stretch in enumerate(run.stretches if thread == 0 else ())
    ]
    few = np.array([*requests, *stretches], np.int64).reshape(-1, 6).T
    many = _waits(run.waits, thread) if run.waits is not None else few[:, :0]
    columns = np.concatenate([few, many], axis=1)
    return Markers(*columns[:, np.argsort(columns[4], kind="stable")])


def _row(name: int, category: int, schema: int, row: int, span_ns: tuple[int, int]) -> tuple[int, ...]:
    return name, category, schema, row, *span_ns


def _waits(waits: WaitRows, thread: int) -> Column:
    mine = np.flatnonzero(waits.thread == thread)
    kind = waits.kind[mine].astype(np.int64)
    schema = np.full(mine.shape, WAIT)
    return np.stack([1 + kind, len(KINDS) + kind, schema, mine, waits.begin_ns[mine], waits.end_ns[mine]])


def payloads(run: ExportedRun, markers: Markers, nodes: Column) -> Iterator[bytes]:
    """Yield the `data` of each, encoded; `nodes` are those of the waits' chains in `stackTable`."""
    for schema, row in rows(markers.schema, markers.row):
        data: dict[str, Any] = {"type": SCHEMAS[schema].name}
        if schema == REQUEST:
            data |= _request(run, row)
        elif schema == WAIT and run.waits is not None:
            data |= _wait(run, run.waits, row, int(nodes[row]))
        yield msgspec.json.encode(data)


def _request(run: ExportedRun, row: int) -> dict[str, Any]:
    request = run.requests[row]
    about: dict[str, Any] = {
        "number": row + 1,
        "latency": request.latency_ns / MS,
        "source": request.source.value,
    }
    if request.pool is not None:
        about["pool"] = clean(request.pool)
    return about | {part.value: ns / MS for part, ns in run.parts_ns(row).items()}


def _wait(run: ExportedRun, waits: WaitRows, row: int, node: int) -> dict[str, Any]:
    about: dict[str, Any] = {"evidence": EVIDENCES[waits.evidence[row]].value}
    if waits.request[row] != NONE:
        about["request"] = int(waits.request[row]) + 1
    if waits.waker[row] != NONE:
        about["waker"] = run.thread_name(int(waits.waker[row]))
    if waits.stack[row] != NONE:
        about["cause"] = {"stack": node}
    return about
