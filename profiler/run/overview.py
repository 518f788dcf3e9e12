"""A run in one line: what lists of runs show of its summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.errors import UsageError
from profiler.run.summary import read_summary

if TYPE_CHECKING:
    from profiler.run.directory import RunDirectory


class _Latency(msgspec.Struct, frozen=True):
    p95: float | None = None


class _Measured(msgspec.Struct, frozen=True):
    cpu_ms_per_request: float | None = None
    cpu_percent: float | None = None
    latency_ms: _Latency = _Latency()


class _Cpu(msgspec.Struct, frozen=True):
    total_ms: float = 0.0
    by_category: dict[str, float] = {}


class _SpinWindow(msgspec.Struct, frozen=True):
    p50: float | None = None


class _Config(msgspec.Struct, frozen=True):
    label: str


class _Workload(msgspec.Struct, frozen=True):
    model: str


class _Limit(msgspec.Struct, frozen=True):
    cpus: float


class _Ort(msgspec.Struct, frozen=True):
    version: str
    build: str | None = None


class _Container(msgspec.Struct, frozen=True):
    engine: str


class Overview(msgspec.Struct, frozen=True):
    """The sections of summary.json that a line needs; what was not measured is None or 0."""

    config: _Config
    workload: _Workload
    ort: _Ort
    created: str
    complete: bool
    limit: _Limit | None = None
    container: _Container | None = None
    measured: _Measured = _Measured()
    cpu: _Cpu = _Cpu()
    spin_window_ms: _SpinWindow = _SpinWindow()

    @property
    def spin_share(self) -> float | None:
        """Spinning of all CPU time in the profile phase, from 0 to 1."""
        return self.cpu.by_category.get("spin", 0.0) / self.cpu.total_ms if self.cpu.total_ms else None

    @property
    def runtime(self) -> str:
        """The ONNX Runtime that it profiled: version, build unless a release, container engine."""
        words = [self.ort.version]
        if self.ort.build not in (None, "release"):
            words.append(str(self.ort.build))
        if self.container:
            words.append(self.container.engine)
        return " ".join(words)


def read_overview(run: RunDirectory) -> Overview:
    """Read what a list shows of a run; `UsageError` when it was not analysed, or by something else."""
    summary = read_summary(run)
    try:
        return msgspec.convert(summary, Overview)
    except (msgspec.ValidationError, OverflowError) as error:
        raise UsageError(f"{run.summary} is not what ortprof writes: {error}") from error
