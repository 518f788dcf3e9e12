"""What a cluster changes in what is measured: a cell by `sweep --local-cluster 1` against the same local one.

    python -m benchmarks.cluster_overhead [--config spin-off] [--rate 20] [--seconds 6] [--rounds 8]

Scheduler, client and a worker of `ortprof worker` are there while the cell over the cluster is measured, and
nothing of them while the local one is. Both once a round, in an order that changes each time. A ratio is the
cluster's figure over the local one's of the same round; printed is the median of the rounds, with an interval
that holds it in nine of ten cases. The last row has what chance alone does: a local cell over a further one.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import Any

from benchmarks.observer_cost import with_interval

FIGURES = {
    "CPU a request": ("cpu_ms_per_request",),
    "p50": ("latency_ms", "p50"),
    "p95": ("latency_ms", "p95"),
}
SIDES: dict[str, tuple[str, ...]] = {"local": (), "local again": (), "cluster": ("--local-cluster", "1")}


@dataclass(slots=True)
class Ratios:
    """Of one side to the local one, round by round, by figure."""

    by_figure: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in FIGURES})


def measured(side: tuple[str, ...], options: argparse.Namespace, reports: str) -> dict[str, float]:
    """Return the figures of a cell that is run now."""
    study = (
        *("--configs", options.config, "--models", options.model, "--rates", f"{options.rate:g}"),
        *("--repeat", "1", "--warmup", "1", "--measure", f"{options.seconds:g}", "--profile", "0"),
    )
    command = [sys.executable, "-m", "profiler.cli", "sweep", *study, *side]
    done = subprocess.run(
        [*command, "--fresh", "--json", "--reports", reports], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    document: dict[str, Any] = json.loads(done.stdout)
    (cell,) = (document["machines"][0]["study"] if side else document)["cells"]
    return {name: _at(cell, path)["value"] for name, path in FIGURES.items()}


def _at(cell: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        cell = cell[key]
    return cell


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", default="spin-off")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    ratios = {name: Ratios() for name in SIDES if name != "local"}
    for number in range(options.rounds):
        seen: dict[str, dict[str, float]] = {}
        order = random.Random(number).sample(list(SIDES), len(SIDES))  # noqa: S311  an order
        for name in order:
            with tempfile.TemporaryDirectory() as reports:
                seen[name] = measured(SIDES[name], options, reports)
        for name, mine in ratios.items():
            for figure, values in mine.by_figure.items():
                values.append(seen[name][figure] / seen["local"][figure])
        print(f"round {number + 1}: {seen}", file=sys.stderr, flush=True)
    print(f"{options.config}, {options.model}, {options.rate:g} requests/s, {options.rounds} rounds\n")
    print(f"| over local | {' | '.join(FIGURES)} |\n|---|{'---|' * len(FIGURES)}")
    for name in reversed(ratios):
        cells = map(with_interval, ratios[name].by_figure.values())
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
