"""What workers of one service cost together: processes with default pools against single threads.

    python -m benchmarks.workers [--processes 4] [--seconds 6] [--rounds 3] [--load 0.6] [--model minilm]

Rate and rounds as in `benchmarks.concurrency`: a share of what single threads can serve, as a Poisson
process, in rounds over all rows. Prints medians over the rounds, nothing attached. It needs an otherwise
idle machine.
"""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from benchmarks.concurrency import median, recorded
from profiler.record import host

SETTINGS = {
    "spin-on, ONNX Runtime's own number of threads": ("--config", "spin-on"),
    "spin-off, ONNX Runtime's own number of threads": ("--config", "spin-off"),
    "single-thread": ("--config", "single-thread"),
}
FIGURES = ("cpu_ms_per_request", "cpu_percent", "p50", "p95")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--load", type=float, default=0.6, help="share of what the machine can serve")
    parser.add_argument("--model", default="minilm")
    options = parser.parse_args()
    cpus = host.describe().cpus
    with tempfile.TemporaryDirectory() as reports:
        common = ("--reports", reports, "--model", options.model, "--measure", f"{options.seconds:g}")
        single = ("--config", "single-thread", "--processes", str(cpus), "--arrivals", "closed")
        full = recorded(*common, *single)["measured"]
        rate = round(options.load * full["requests"] / full["seconds"], 2)
        load = ("--arrivals", "poisson", "--rate", str(rate))
        print(
            f"{options.model}, {cpus} CPUs, {rate:g} requests/s: {options.load:.0%} of what they can serve\n"
        )
        print(
            "| processes | each | threads in all | CPU ms/request | CPU % | p50 ms | p95 ms | never started |"
        )
        print("|--:|---|--:|--:|--:|--:|--:|--:|")
        rows = [(count, name) for count in (1, options.processes) for name in SETTINGS]
        seen: dict[tuple[int, str], list[dict[str, Any]]] = {row: [] for row in rows}
        for _ in range(options.rounds):
            for count, name in rows:
                seen[count, name].append(recorded(*common, *load, "--processes", str(count), *SETTINGS[name]))
        for (count, name), runs in seen.items():
            phases = [run["measured"] for run in runs]
            cells = [median(phases, figure) for figure in FIGURES]
            unserved = sum(phase["unserved"] for phase in phases)
            print(
                f"| {count} | {name} | {runs[0]['cpus']['threads']} | {' | '.join(cells)} | {unserved} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
