"""The dataset's tables as types: a class a table, a field a column. docs/fleet.md describes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: `runs`."""

    run_id: str
    path: str
    """Of its directory, below the store."""
    created: str
    """UTC, ISO 8601."""
    complete: bool
    configuration: str
    """The label: `spin-on+t4`."""
    model: str
    runtime: str
    """ONNX Runtime's version and build."""
    ortprof: str
    cpu: str
    cpus: int
    kernel: str
    memory_bytes: int
    limit_cpus: float | None
    rate: float | None
    arrivals: str | None
    tokens: int | None
    """Of a request, at least: the size of its symbolic dimensions but the batch."""
    most_tokens: int | None
    """Where requests differ in length; else NULL."""
    callers: int | None
    """Threads of a process that call the first session."""
    processes: int | None
    requests: int | None
    """Of the measure phase, as all figures but `spin_share` and `spin_window_ms`."""
    unserved: int | None
    cpu_ms_per_request: float | None
    cpu_percent: float | None
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    throttled_share: float | None
    spin_share: float | None
    """Of the CPU time in the profile phase."""
    spin_window_ms: float | None
    """Median."""


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell of a study on one machine type, over its repeats, with 95 % intervals: `cells`."""

    configuration: str
    model: str
    limit_cpus: float | None
    rate: float | None
    arrivals: str
    tokens: int
    most_tokens: int | None
    callers: int
    processes: int
    repeats: int
    requests: int
    unserved: int
    cpu_ms: float | None
    cpu_ms_low: float | None
    cpu_ms_high: float | None
    p50_ms: float | None
    p50_ms_low: float | None
    p50_ms_high: float | None
    p95_ms: float | None
    p95_ms_low: float | None
    p95_ms_high: float | None
    throttled_share: float | None
    spin_share: float | None
    spin_window_ms: float | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request: `requests`."""

    run_id: str
    phase: str
    number: int
    """In the order of their starts, from 0, in the whole run."""
    scheduled_ns: int
    """CLOCK_MONOTONIC of its machine, as `start_ns`."""
    start_ns: int
    latency_ms: float
    """From the scheduled instant."""
    service_ms: float
    """From its start."""
    cpu_ms: float | None
    """Of the whole process between start and end."""
    caller: int | None
    pool: str | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of a run's profile: `figures`."""

    run_id: str
    section: str
    """`cpu`, `waits` or `request`, as in summary.json."""
    name: str
    """A kind: `spin-idle`, `futex`."""
    ms: float
    """Of the phase; of a request (mean) in the section `request`."""
