"""Summaries of runs that never were, complete and as small as can be; and how tests change and read any."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from profiler.run.kinds import Category, Evidence, Kind
from profiler.run.manifest import Host, OrtBuild
from profiler.run.sections.cpu_section import CpuFigures, PerfFigures
from profiler.run.sections.load_section import (
    LabelledConfiguration,
    LatencyFigures,
    PhaseFigures,
    StoppedInRequests,
    ThrottledFigures,
)
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import Summary, to_document
from profiler.spec.ort_build import OrtConfig
from profiler.spec.workload import Workload

T = TypeVar("T", bound=msgspec.Struct)
Section = TypeVar("Section")


def edited(value: T, **changes: Any) -> T:
    """Return a copy of a Struct with other fields; `a__b` is the field b of its field a."""
    for path, new in changes.items():
        name, _, rest = path.partition("__")
        inner = edited(getattr(value, name), **{rest: new}) if rest else new
        value = msgspec.structs.replace(value, **{name: inner})
    return value


def made_summary(**changes: Any) -> Summary:
    """Return the summary of a run that computed for 885 ms of its CPU time and spun for 295, as `edited`.

    100 requests of 11.8 ms of CPU time, p50 4 ms and p95 5 ms; no limit, and no context switches recorded.
    """
    phase = PhaseFigures(
        seconds=10.0,
        requests=100,
        cpu_ms=1180.0,
        cpu_percent=11.8,
        cpu_ms_per_request=11.8,
        latency_ms=LatencyFigures(mean=4.0, p50=4.0, p95=5.0, p99=6.0, max=7.0),
        late_start_ms=None,
    )
    summary = Summary(
        run_id="20260101T000000Z-bert-spin-on+t4",
        complete=True,
        created="2026-01-01T00:00:00Z",
        config=LabelledConfiguration(
            name="spin-on",
            label="spin-on+t4",
            threads=4,
            entries={"session.intra_op.allow_spinning": "1"},
            adjustments=("t4",),
        ),
        workload=Workload(model="bert", model_path="bert.onnx", weights="synthetic"),
        ort=OrtBuild("1.31.1", "ort.so", "none", "3.11.2", OrtConfig.RELEASE),
        host=Host("A processor", 2, 8 << 30, "6.1.0", "Debian GNU/Linux 12"),
        measured=phase,
        profiled=phase,
        perf=PerfFigures("cpu-clock", 997, 8192, "6.1", samples=1180, lost=0),
        cpu=cpu_time(compute=885, spin_idle=295),
    )
    return edited(summary, **changes)


def written(summary: Summary) -> dict[str, Any]:
    """Return the document of a summary as it is read from its file: JSON has no tuples."""
    document: dict[str, Any] = json.loads(json.dumps(to_document(summary)))
    return document


def present(section: Section | Unavailable) -> Section:
    """Return a section that has to be there."""
    assert not isinstance(section, Unavailable), section.why
    return section


def cpu_time(**kinds: float) -> CpuFigures:
    """Return CPU time of these kinds (in milliseconds, `_` for `-`), told by symbols."""
    by_kind = dict.fromkeys(Kind, 0.0) | {Kind(kind.replace("_", "-")): ms for kind, ms in kinds.items()}
    by_category = dict.fromkeys(Category, 0.0)
    for kind, ms in by_kind.items():
        by_category[kind.category] += ms
    return CpuFigures(sum(by_kind.values()), by_category, by_kind, {Evidence.SYMBOL: 1.0})


def throttled(**changes: Any) -> ThrottledFigures:
    """Return what a limit did: it throttled 84 of 100 periods, and the p95 request waited 180 ms."""
    figures = ThrottledFigures(
        periods=100,
        throttled_periods=84,
        throttled_ms=9000.0,
        bursts=0,
        stopped_ms=7000.0,
        resolution_ms=4.0,
        per_request_ms=StoppedInRequests(mean=120.0, p95_request=180.0, max=190.0),
    )
    return edited(figures, **changes)
