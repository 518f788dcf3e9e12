"""Firefox Profiler's processed format: a track a thread, kinds as categories, requests and waits as markers.

Format: `Profile` in src/types/profile.ts of https://github.com/firefox-devtools/profiler, processed
version 61 (docs-developer/CHANGELOG-formats.md there), which later versions of the profiler upgrade. Gzipped,
as the profiler itself saves it. Times are milliseconds from the phase's begin, their decimals nanoseconds.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import msgspec
import numpy as np

from profiler.export.columns.names import clean
from profiler.export.firefox_categories import CATEGORIES, Category, subcategory
from profiler.export.firefox_markers import NAMES, SCHEMAS, MarkerSchema, markers_of, payloads
from profiler.export.firefox_tables import SharedTables
from profiler.export.gzip_stream import gzip_stream
from profiler.export.json_stream import numbers, write_array, write_object
from profiler.run.kinds import EVIDENCES, KINDS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from profiler.arrays import Column, Int32s
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.columns.samples import SampleRows
    from profiler.export.columns.threads import ExportedThread
    from profiler.export.columns.waits import WaitRows
    from profiler.export.firefox_markers import Markers

VERSION = 61
GECKO_VERSION = 32
"""The unprocessed format of that time; nothing here is in it."""
MS = 1e6
INTERVAL = 1
"""`MarkerPhase`: a marker with a start and an end."""


class SampleUnits(msgspec.Struct, rename="camel"):
    """`SampleUnits`."""

    time: str = "ms"
    event_delay: str = "ms"
    thread_cpu_delta: str = msgspec.field(name="threadCPUDelta", default="ns")


class ProfileMeta(msgspec.Struct, rename="camel", kw_only=True):
    """`ProfileMeta`."""

    interval: float
    start_time: float
    """Milliseconds since 1970 of when the run began, some seconds before the phase."""
    start_time_as_clock_monotonic_nanoseconds_since_boot: int
    profiling_start_time: float = 0.0
    profiling_end_time: float
    process_type: int = 0
    categories: list[Category]
    product: str
    stackwalk: int = 1
    version: int = GECKO_VERSION
    preprocessed_profile_version: int = VERSION
    platform: str
    oscpu: str
    logical_cpus: int = msgspec.field(name="logicalCPUs")
    cpu_name: str = msgspec.field(name="CPUName")
    symbolicated: bool = True
    marker_schema: tuple[MarkerSchema, ...]
    sample_units: SampleUnits = msgspec.field(default_factory=SampleUnits)
    imported_from: str
    source_code_is_not_on_searchfox: bool = True
    uses_only_one_stack_type: bool = True
    keep_profile_thread_order: bool = True


class RawThread(msgspec.Struct, rename="camel", kw_only=True):
    """`RawThread`, but for `samples` and `markers`."""

    name: str
    pid: str
    tid: int
    is_main_thread: bool
    process_name: str
    process_type: str = "default"
    process_startup_time: float = 0.0
    process_shutdown_time: float | None = None
    register_time: float = 0.0
    unregister_time: float | None = None
    paused_ranges: list[float] = []
    show_markers_in_timeline: bool = True


class RawSamplesTable(msgspec.Struct, rename="camel"):
    """`RawSamplesTable`, but for its columns. Weights are CPU time in milliseconds."""

    length: int
    weight_type: str = "tracing-ms"


class RawMarkerTable(msgspec.Struct):
    """`RawMarkerTable`, but for its columns."""

    length: int


@dataclass(frozen=True, slots=True)
class Firefox:
    """CPU time by thread; what threads waited for, requests and throttled stretches as markers."""

    suffix: ClassVar[str] = ".firefox.json.gz"

    def write(self, run: ExportedRun, out: BinaryIO) -> None:
        """Write what threads share, then thread by thread; none without anything to show."""
        tables = SharedTables(run.code)
        of_sample = _nodes(run.samples, tables, 0)
        of_wait = of_sample[:0] if run.waits is None else _nodes(run.waits, tables, len(KINDS))
        names = np.array([tables.string(name) for name in NAMES])
        with gzip_stream(out) as file:
            file.write(b'{"meta":' + msgspec.json.encode(_meta(run)) + b',"libs":')
            write_array(file, map(msgspec.json.encode, tables.libs()))
            file.write(b',"shared":')
            tables.write(file)
            file.write(b',"threads":[')
            written = 0
            for number, thread in enumerate(run.threads):
                mine = np.flatnonzero(run.samples.thread == number)
                markers = markers_of(run, number)
                if mine.size or len(markers.row):
                    file.write(b"," if written else b"")
                    file.write(msgspec.json.encode(_thread(run, thread))[:-1] + b',"samples":')
                    _write_samples(file, run, mine, of_sample)
                    file.write(b',"markers":')
                    _write_markers(file, run, markers, names, of_wait)
                    file.write(b"}")
                    written += 1
            file.write(b"]}\n")


def _meta(run: ExportedRun) -> ProfileMeta:
    manifest, perf = run.manifest, run.manifest.perf
    return ProfileMeta(
        interval=1e3 / perf.frequency_hz if perf is not None and perf.frequency_hz else 1.0,
        start_time=_since_1970(manifest.created),
        start_time_as_clock_monotonic_nanoseconds_since_boot=run.begin_ns,
        profiling_end_time=(run.end_ns - run.begin_ns) / MS,
        categories=CATEGORIES,
        product=run.title,
        platform="Linux",
        oscpu=clean(f"{manifest.host.system}, Linux {manifest.host.kernel}"),
        logical_cpus=manifest.host.cpus,
        cpu_name=clean(manifest.host.cpu),
        marker_schema=SCHEMAS,
        imported_from=f"ortprof {manifest.ortprof}",
    )


def _since_1970(created: str) -> float:
    """Return the milliseconds until an instant (UTC, ISO 8601); 0 where it is something else."""
    try:
        return datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp() * 1e3
    except (ValueError, OverflowError):
        return 0.0


def _thread(run: ExportedRun, thread: ExportedThread) -> RawThread:
    return RawThread(
        name=thread.label,
        pid=str(thread.pid),
        tid=thread.tid,
        is_main_thread=thread.tid == thread.pid,
        process_name=run.title,
    )


def _nodes(rows: SampleRows | WaitRows, tables: SharedTables, first_category: int) -> Int32s:
    """Return the node in `stackTable` of each row's chain, in the category of its kind."""
    verdicts = len(KINDS) * len(EVIDENCES)
    verdict_of = rows.kind.astype(np.int64) * len(EVIDENCES) + rows.evidence
    distinct, index = np.unique(rows.stack * np.int64(verdicts) + verdict_of, return_inverse=True)
    nodes = []
    for key in distinct.tolist():
        stack, verdict = divmod(key, verdicts)
        kind, evidence = divmod(verdict, len(EVIDENCES))
        nodes.append(tables.stack(stack, first_category + kind, subcategory(evidence)))
    return np.array(nodes, np.int32)[index.reshape(-1)]


def _from_start(column: Column, value: float) -> Column:
    """Return a column with a row for the phase's begin: a first sample's CPU time does not count there."""
    return np.concatenate([[value], column])


def _write_samples(out: SupportsWrite[bytes], run: ExportedRun, mine: Column, nodes: Column) -> None:
    samples = run.samples
    columns = {
        "stack": itertools.chain([b"null"], numbers(nodes[mine])),
        "time": numbers(_from_start((samples.time_ns[mine] - run.begin_ns) / MS, 0.0)),
        "weight": numbers(_from_start(samples.cpu_ns[mine] / MS, 0.0)),
        "threadCPUDelta": numbers(_from_start(samples.cpu_ns[mine], 0)),
    }
    write_object(out, RawSamplesTable(1 + len(mine)), columns)


def _write_markers(
    out: SupportsWrite[bytes], run: ExportedRun, markers: Markers, names: Column, nodes: Column
) -> None:
    count = len(markers.row)
    columns = {
        "data": payloads(run, markers, nodes),
        "name": numbers(names[markers.name]),
        "startTime": numbers((markers.start_ns - run.begin_ns) / MS),
        "endTime": numbers((markers.end_ns - run.begin_ns) / MS),
        "phase": numbers(np.full(count, INTERVAL)),
        "category": numbers(markers.category),
    }
    write_object(out, RawMarkerTable(count), columns)
