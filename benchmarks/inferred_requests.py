"""Requests that are inferred from waits, held against those that the workload knows: one Markdown table.

    python -m benchmarks.inferred_requests --seconds 10 --reports reports

Each row is a recording of our own workload, in which the exact requests are known; the inference sees the
trace alone.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.preferred import record
from profiler.attribution.loading.load import begun
from profiler.attribution.requests.inferred import infer_requests
from profiler.attribution.requests.spans import flight_spans
from profiler.attribution.rules.frames import make_frames
from profiler.run import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.directory import RunDirectory
    from profiler.run.request import Request

LOADS = (
    ("minilm", "spin-on", "--threads", "2", "--rate", "10"),
    ("minilm", "spin-off", "--threads", "2", "--rate", "10"),
    ("minilm", "spin-off", "--threads", "2", "--rate", "10", "--concurrency", "2", "--arrivals", "poisson"),
    ("tiny", "spin-on", "--threads", "2", "--rate", "50"),
    ("tiny", "single-thread", "--rate", "50"),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far inferred requests are those that there were."""

    exact: int
    found: int
    """Of the exact ones: those with one inferred request that is theirs alone."""
    merged: int
    """Those that share theirs with another."""
    false: int
    """Inferred ones in which none was in flight."""
    busy: float
    """Time in which a request was in flight, inferred over exact."""
    p50: float
    """Of latencies from the start, likewise; and the next."""
    p95: float


def agreement(run: RunDirectory) -> Agreement:
    """Infer a run's requests from its trace, and compare."""
    with begun(run, lambda _: None) as finished:
        loaded = finished()
    if loaded.profile is None:
        raise SystemExit(f"{run.run_id} was not profiled")
    recorded, trace = loaded.recorded, loaded.profile.trace
    process, counters = recorded.manifest.process, recorded.counters["profile"]
    inferred = infer_requests(
        trace,
        make_frames(trace, loaded.profile.facts),
        callers=dict.fromkeys(process.callers, process.pid),
        workers=process.pool_tids,
        window_ns=(counters.begin.time_ns, counters.end.time_ns),
        cpu_ns=counters.thread_cpu_ns(),
        phase="profile",
    )
    exact, every = recorded.requests_of("profile"), [*inferred.requests, *inferred.cut]
    mine = [[other for other in every if _meet(request, other)] for request in exact]
    theirs = [[other for other in exact if _meet(request, other)] for request in every]
    merged = sum(len(found) for found in theirs if len(found) > 1)
    return Agreement(
        exact=len(exact),
        found=sum(len(found) == 1 for found in mine) - merged,
        merged=merged,
        false=sum(not found for found in theirs),
        busy=_busy_ns(every) / _busy_ns(exact),
        p50=_quantile(inferred.requests, 0.5) / _quantile(exact, 0.5),
        p95=_quantile(inferred.requests, 0.95) / _quantile(exact, 0.95),
    )


def _meet(one: Request, other: Request) -> bool:
    return one.caller == other.caller and one.start_ns < other.end_ns and other.start_ns < one.end_ns


def _busy_ns(requests: Sequence[Request]) -> float:
    spans = flight_spans(requests)
    return float((spans.end_ns - spans.begin_ns).sum())


def _quantile(requests: Sequence[Request], quantile: float) -> float:
    return float(np.quantile([request.end_ns - request.start_ns for request in requests], quantile))


def main() -> None:
    """Record and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", default="10")
    parser.add_argument("--reports", type=Path)
    options = parser.parse_args()
    print("| | requests | found | two in one | false | busy | p50 | p95 |\n|---|--:|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        reports = options.reports or Path(folder)
        for model, configuration, *load_options in LOADS:
            summary = record([
                "--model", model, "--config", configuration, *load_options, "--warmup", "1",
                "--measure", "0", "--cpu-limit", str(os.cpu_count()), "--profile", options.seconds,
                "--waits", "trace", "--reports", str(reports),
            ])  # fmt: skip
            found = agreement(runs.find(summary["run_id"], reports))
            print(
                f"| {model}, {configuration}, {' '.join(load_options)} | {found.exact} | {found.found} "
                f"| {found.merged} | {found.false} | {found.busy:.2f} | {found.p50:.2f} | {found.p95:.2f} |"
            )


if __name__ == "__main__":
    main()
