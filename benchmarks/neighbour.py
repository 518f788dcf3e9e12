"""What a service costs a CPU-bound neighbour on the same CPUs: spinning against blocking against no pool.

    python -m benchmarks.neighbour [--rate 20] [--seconds 6] [--rounds 3] [--model minilm]

Each row is `ortprof record --neighbour` without a profile: the neighbour is watched beside the idle service,
beside its requests, and beside the idle service again. Rounds over all rows; prints medians. Whatever else
runs on the machine is a neighbour too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from typing import Any

from benchmarks.concurrency import median, recorded

SETTINGS = {
    "spin-on": ("--config", "spin-on", "--threads", "2"),
    "spin-off": ("--config", "spin-off", "--threads", "2"),
    "single-thread": ("--config", "single-thread"),
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="minilm")
    options = parser.parse_args()
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in SETTINGS}
    with tempfile.TemporaryDirectory() as reports:
        load = ("--model", options.model, "--rate", f"{options.rate:g}", "--measure", f"{options.seconds:g}")
        for _ in range(options.rounds):
            for name, settings in SETTINGS.items():
                seen[name].append(recorded("--reports", reports, *load, "--neighbour", *settings))
    print(f"{options.model}, {options.rate:g} requests/s\n")
    print(
        "| service | neighbour's throughput | its CPU | beside the idle service | service's CPU % "
        "| CPU ms/request | p95 ms |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, runs in seen.items():
        neighbours = [run["neighbour"] for run in runs]
        phases = [run["measured"] for run in runs]
        idle = [_sum(neighbour["alone"]) for neighbour in neighbours]
        kept = [
            _rate(neighbour["beside"]) / _rate(alone)
            for neighbour, alone in zip(neighbours, idle, strict=True)
        ]
        had = [_cpus(neighbour["beside"]) for neighbour in neighbours]
        cells = [
            f"{statistics.median(kept):.0%}",
            f"{statistics.median(had):.2f}",
            f"{statistics.median(map(_cpus, idle)):.2f}",
            *(median(phases, figure) for figure in ("cpu_percent", "cpu_ms_per_request", "p95")),
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def _sum(stretches: list[dict[str, int]]) -> dict[str, int]:
    return {key: sum(stretch[key] for stretch in stretches) for key in stretches[0]}


def _rate(stretch: dict[str, int]) -> float:
    return stretch["units"] / stretch["wall_ns"]


def _cpus(stretch: dict[str, int]) -> float:
    return stretch["cpu_ns"] / stretch["wall_ns"]


if __name__ == "__main__":
    main()
