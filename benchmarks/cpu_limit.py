"""Latency and throttling under a CPU limit, by configuration: interleaved runs, one Markdown table.

    python -m benchmarks.cpu_limit --cpu-limit 0.1 --rounds 3 --reports reports
    python -m benchmarks.cpu_limit --container docker --threads 4

Rounds are interleaved (A B C A B C), and a row pools the requests of its configuration's rounds, so that
what changes on the machine meanwhile meets every configuration.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.preferred import record
from profiler.attribution.statistics import percentile
from profiler.attribution.throttled import stopped_inside
from profiler.run.directory import RunDirectory
from profiler.run.json_document import decode
from profiler.run.phase_counters import PhaseCounters
from profiler.run.request import Request, decode_requests
from profiler.spec.container import EngineName

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLES = (
    "requests",
    "mean ms",
    "p95 ms",
    "max ms",
    "CPU ms/request",
    "throttled periods",
    "stopped ms/request",
)
CONFIGURATIONS = ("spin-on", "spin-off", "single-thread")


@dataclass(slots=True)
class Row:
    """What a configuration's rounds gave."""

    requests: list[Request] = field(default_factory=list)
    stopped_ms: list[float] = field(default_factory=list)
    """Inside each request."""
    periods: int = 0
    throttled: int = 0
    cpu_ms: float = 0.0

    def add(self, run: RunDirectory) -> None:
        """Take a run's measured phase."""
        counters = decode(run.counters.read_bytes(), dict[str, PhaseCounters], str(run.counters))["measure"]
        log = decode_requests(run.requests.read_bytes(), str(run.requests))
        requests = [request for request in log if request.phase == "measure"]
        self.requests += requests
        self.cpu_ms += counters.cpu_ns / 1e6
        if counters.throttling is not None:
            self.stopped_ms += list(stopped_inside(counters.throttling.stretches, requests) / 1e6)
            self.periods += counters.throttling.counted.periods
            self.throttled += counters.throttling.counted.throttled_periods

    @property
    def p95_ms(self) -> float:
        """95th percentile of the latencies."""
        return percentile([request.latency_ns / 1e6 for request in self.requests], 95)

    def cells(self) -> list[str]:
        """Return the row's figures as text."""
        latencies = sorted(request.latency_ns / 1e6 for request in self.requests)
        count = len(latencies)
        stopped = f"{sum(self.stopped_ms) / count:.1f}" if self.stopped_ms else "-"
        share = f"{self.throttled} of {self.periods}" if self.periods else "-"
        return [
            str(count),
            f"{sum(latencies) / count:.1f}",
            f"{self.p95_ms:.1f}",
            f"{latencies[-1]:.1f}",
            f"{self.cpu_ms / count:.1f}",
            share,
            stopped,
        ]


def recorded(configuration: str, options: argparse.Namespace) -> RunDirectory:
    """Record one round."""
    threads = ["--threads", options.threads] if options.threads and configuration != "single-thread" else []
    words = [
        "--config", configuration, "--model", options.model,
        "--rate", options.rate, "--cpu-limit", options.cpu_limit, "--warmup", "2",
        "--measure", options.measure, "--profile", options.profile, *threads,
        "--reports", str(options.reports),
    ]  # fmt: skip
    return RunDirectory(options.reports / record(words, container=options.container)["run_id"])


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line, or `words`."""
    parser = argparse.ArgumentParser(description=__doc__)
    defaults = {"model": "minilm", "rate": "1", "cpu-limit": "0.1", "measure": "40", "profile": "0"}
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--threads", help="of the configurations that have a pool")
    parser.add_argument("--container", choices=[engine.value for engine in EngineName])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    return parser.parse_args(words)


def measure(options: argparse.Namespace) -> dict[str, Row]:
    """Record all rounds."""
    rows = {configuration: Row() for configuration in CONFIGURATIONS}
    for _ in range(options.rounds):
        for configuration, row in rows.items():
            row.add(recorded(configuration, options))
    return rows


def table(rows: dict[str, Row]) -> str:
    """Return the rows in Markdown."""
    lines = [f"| configuration | {' | '.join(TITLES)} |", f"|---{'|--:' * len(TITLES)}|"]
    lines += [f"| {configuration} | {' | '.join(row.cells())} |" for configuration, row in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure(arguments())))
