"""What overlapping requests cost: minilm under each configuration, called by 1, 2, 4 and 8 threads.

    python -m benchmarks.concurrency [--seconds 10] [--rounds 3] [--load 0.6] [--model minilm]

First the most that the machine can serve, by one thread a request and a caller a CPU, back to back; then a
share of that as a Poisson process, in rounds over all rows, so that all see the same machine. Prints medians
over the rounds, nothing attached. It needs an otherwise idle machine: the queue shows whatever else runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from typing import Any

from profiler.record import host

CONFIGURATIONS = ("spin-on", "spin-off", "single-thread")
CALLERS = (1, 2, 4, 8)
FIGURES = ("cpu_ms_per_request", "cpu_percent", "p50", "p95")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--load", type=float, default=0.6, help="share of what the machine can serve")
    parser.add_argument("--model", default="minilm")
    options = parser.parse_args()
    cpus = host.describe().cpus
    with tempfile.TemporaryDirectory() as reports:
        common = ("--reports", reports, "--model", options.model, "--measure", f"{options.seconds:g}")
        full = _measured(
            *common, "--config", "single-thread", "--concurrency", str(cpus), "--arrivals", "closed"
        )
        rate = round(options.load * full["requests"] / full["seconds"], 2)
        load = ("--arrivals", "poisson", "--rate", str(rate))
        print(
            f"{options.model}, {cpus} CPUs, {rate:g} requests/s: {options.load:.0%} of what they can serve\n"
        )
        print("| callers | configuration | CPU ms/request | CPU % | p50 ms | p95 ms | never started |")
        print("|--:|---|--:|--:|--:|--:|--:|")
        rows = [(callers, name) for callers in CALLERS for name in CONFIGURATIONS]
        seen: dict[tuple[int, str], list[dict[str, Any]]] = {row: [] for row in rows}
        for _ in range(options.rounds):
            for callers, name in rows:
                session = ("--config", name, "--concurrency", str(callers))
                seen[callers, name].append(_measured(*common, *load, *session))
        for (callers, name), phases in seen.items():
            cells = [median(phases, figure) for figure in FIGURES]
            unserved = sum(phase["unserved"] for phase in phases)
            print(f"| {callers} | {name} | {' | '.join(cells)} | {unserved} |")


def _measured(*options: str) -> dict[str, Any]:
    measured: dict[str, Any] = recorded(*options)["measured"]
    return measured


def recorded(*options: str) -> dict[str, Any]:
    """Record without a profile; return the summary."""
    command = [
        sys.executable,
        "-m",
        "profiler.cli",
        "record",
        *options,
        "--profile",
        "0",
        "--warmup",
        "1",
        "--json",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def median(phases: list[dict[str, Any]], figure: str) -> str:
    """Return the median of a figure of phases, as a cell."""
    values = [phase[figure] if figure in phase else phase["latency_ms"][figure] for phase in phases]
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):,.2f}" if known else "-"


if __name__ == "__main__":
    main()
