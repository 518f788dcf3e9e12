"""Where requests' wall time goes, by configuration side by side: interleaved runs, one Markdown table.

    python -m benchmarks.anatomy --threads 4 --rate 5 --rounds 3 --reports reports

Rounds are interleaved (A B C A B C), so that what changes on the machine meanwhile meets every
configuration; figures are means over the requests of all rounds. The workload has a CPU limit of all CPUs:
that takes nothing from it, and gives it a cgroup that goes before other programs.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.preferred import record
from profiler.findings.vocabulary import MEANWHILE_NAMES, PART_NAMES

CONFIGURATIONS = ("spin-on", "spin-off", "single-thread")
TABLES: dict[str, dict[Any, str]] = {
    "by_kind": PART_NAMES,
    "meanwhile": {what: f"meanwhile: {name}" for what, name in MEANWHILE_NAMES.items()},
}
OTHERS = {
    "blocked": "times blocked on a futex (count)",
    "switches": "context switches (count)",
    "cpu_ms": "CPU time in the futex path, all threads",
}


@dataclass(slots=True)
class Column:
    """What a configuration's rounds gave: sums over requests."""

    requests: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    windows_ms: list[float] = field(default_factory=list)
    """The rounds' median spin windows."""

    def add(self, summary: dict[str, Any]) -> None:
        """Take a run."""
        count = summary["request"]["requests"]
        self.requests += count
        for table, names in TABLES.items():
            for key, name in names.items():
                self.sums[name] += count * summary["request"][table][key.value]
        for key, name in OTHERS.items():
            self.sums[name] += count * summary["waits"]["futex"][key]
        self.windows_ms += [summary["spin_window_ms"]["p50"]] if "p50" in summary["spin_window_ms"] else []


def recorded(configuration: str, options: argparse.Namespace) -> dict[str, Any]:
    """Record one round and return its summary."""
    threads = () if configuration == "single-thread" else ("--threads", options.threads)
    return record([
        "--config", configuration, *threads, "--model", options.model, "--rate", options.rate,
        "--cpu-limit", str(os.cpu_count()), "--warmup", "2", "--measure", "2",
        "--profile", options.profile, "--waits", "trace", "--reports", str(options.reports),
    ])  # fmt: skip


def main() -> None:
    """Record and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in {"model": "minilm", "threads": "4", "rate": "5", "profile": "20"}.items():
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    options = parser.parse_args()
    columns = {configuration: Column() for configuration in CONFIGURATIONS}
    for _ in range(options.rounds):
        for configuration, column in columns.items():
            column.add(recorded(configuration, options))
    print(f"| a request, ms | {' | '.join(columns)} |\n|---{'|--:' * len(columns)}|")
    walls = [sum(column.sums[name] for name in PART_NAMES.values()) for column in columns.values()]
    print_row(
        "**wall time**",
        [wall / column.requests for wall, column in zip(walls, columns.values(), strict=True)],
    )
    for names in (*TABLES.values(), OTHERS):
        for name in names.values():
            values = [column.sums[name] / column.requests for column in columns.values()]
            if any(values):
                print_row(name, values)
    print_row("spin window after it", [max(column.windows_ms, default=0.0) for column in columns.values()])
    print(f"\nRequests: {', '.join(f'{name} {column.requests}' for name, column in columns.items())}.")


def print_row(name: str, values: list[float]) -> None:
    """Print a row of the table."""
    print(f"| {name} | {' | '.join(f'{value:.2f}' for value in values)} |")


if __name__ == "__main__":
    main()
