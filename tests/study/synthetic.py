"""Cells whose truth is known."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.directory import RunDirectory
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.workload import Arrivals, Workload
from profiler.study.cells import CellKey, arranged
from profiler.study.measured import Measured
from profiler.study.results import Cell

if TYPE_CHECKING:
    from profiler.spec.limit import Limit

SPINNING = SessionConfiguration(name="spin-on").adjusted(threads=4, entries={})
BLOCKING = SessionConfiguration(name="spin-off", entries={"session.intra_op.allow_spinning": "0"}).adjusted(
    threads=4, entries={}
)
SINGLE = SessionConfiguration(name="single-thread", threads=1, inter_op_threads=1)


def make_measured(
    latency_ms: float,
    cpu_ms: float,
    *,
    requests: int = 100,
    rate: float = 10.0,
    seed: int = 0,
    unserved: int = 0,
) -> Measured:
    """Return a run whose requests vary by 2 %."""
    vary = np.random.default_rng(seed)
    cpu = cpu_ms * vary.normal(1, 0.02, requests)
    seconds = max(requests, 1) / rate
    return Measured(
        run=RunDirectory(Path(f"run-{seed}")),
        run_id=f"run-{seed}",
        latency_ms=latency_ms * vary.normal(1, 0.02, requests),
        cpu_ms=cpu,
        cpu_ms_per_request=float(cpu.mean()) if requests else None,
        cpu_percent=float(cpu.sum()) / seconds / 10,
        seconds=seconds,
        throttled=None,
        unserved=unserved,
    )


def make_cell(
    configuration: SessionConfiguration,
    latency_ms: float,
    cpu_ms: float,
    *,
    rate: float | None = 10.0,
    repeats: int = 5,
    requests: int = 100,
    limit: Limit | None = None,
    model: str = "minilm",
    unserved: int = 0,
    callers: int = 1,
) -> Cell:
    """Return a cell; without a rate its requests come back to back."""
    arrivals = Arrivals.CLOSED if rate is None else Arrivals.FIXED
    runs = [
        make_measured(
            latency_ms,
            cpu_ms,
            requests=requests,
            rate=rate or 1e3 / latency_ms,
            seed=zlib.crc32(f"{configuration.label} {number}".encode()),
            unserved=unserved,
        )
        for number in range(repeats)
    ]
    return Cell(
        key=CellKey(arranged(configuration.label, callers, 1), model, limit, rate, arrivals),
        configuration=configuration,
        workload=Workload(
            model=model,
            model_path="model.onnx",
            weights="synthetic",
            arrivals=arrivals,
            concurrency=callers,
        ),
        measured=tuple(runs),
        rounds=tuple(range(repeats)),
        profiled=None,
        summary=None,
        failures=(),
        refused=False,
    )
