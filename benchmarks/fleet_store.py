"""A store of 1,000 to 100,000 made-up runs: how long listing and queries take, and how much memory.

    python -m benchmarks.fleet_store [RUNS ...]

Each run has 100 requests and 20 figures; 100 runs make a study of one machine type, of ten. Beside it a store
of as many single runs, 100 of which were published at a time, is listed. Each question is asked by a process
of its own, as a user would, whose start is part of its time.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.fleet import dataset
from profiler.fleet.machine_type import MachineType
from profiler.fleet.rows import CellRow, FigureRow, RequestRow, RunRow
from profiler.fleet.rows_of import Rows
from profiler.fleet.store import open_store
from profiler.fleet.store_index import write_store_index

if TYPE_CHECKING:
    from profiler.fleet.store import Store

RUNS_A_STUDY = 100
REQUESTS = 100
KINDS = [f"kind-{number}" for number in range(20)]
QUESTIONS = {
    "runs": ["runs"],
    "runs, page 9": ["runs", "--page", "9"],
    "query machines": ["query", "SELECT * FROM machines"],
    "query best_configuration": ["query", "SELECT * FROM best_configuration LIMIT 100"],
    "query p95 of all requests": ["query", "SELECT quantile_cont(latency_ms, 0.95) FROM requests"],
}
LISTINGS = ("runs", "runs, page 9")


def rows_of_study(number: int, cpu: str) -> Rows:
    """Return the rows of a made-up study."""
    rows = Rows()
    configurations = ("spin-on", "spin-off", "single-thread", "spin-stop")
    for at in range(RUNS_A_STUDY):
        run_id = f"{20260000 + number}T000000Z-minilm-{at:03}"
        rows.runs.append(
            RunRow(
                run_id=run_id,
                path=f"study-{number}/runs/{run_id}",
                created=f"{2026_00_00 + number}-{at:03}",
                complete=True,
                configuration=configurations[at % 4],
                model="minilm",
                runtime="1.31.1",
                ortprof="0.1.0",
                cpu=cpu,
                cpus=8,
                kernel="6.1.0",
                memory_bytes=1 << 34,
                limit_cpus=None,
                rate=10.0,
                arrivals="fixed",
                tokens=10,
                most_tokens=None,
                callers=1,
                processes=1,
                requests=REQUESTS,
                unserved=0,
                cpu_ms_per_request=10.0 + at,
                cpu_percent=50.0,
                mean_ms=5.0,
                p50_ms=5.0,
                p95_ms=9.0 + number % 7,
                p99_ms=None,
                throttled_share=None,
                spin_share=0.5,
                spin_window_ms=47.0,
            )
        )
        rows.requests += (
            RequestRow(
                run_id, "measure", each, each * 10**8, each * 10**8, 5.0 + each % 13, 5.0, 4.0, 1, None
            )
            for each in range(REQUESTS)
        )
        rows.figures += (FigureRow(run_id, "cpu", kind, 1.0) for kind in KINDS)
    figures = dict.fromkeys(
        [f"{name}{end}" for name in ("cpu_ms", "p50_ms", "p95_ms") for end in ("", "_low", "_high")], 5.0
    )
    rows.cells += (
        CellRow(
            configuration=configuration,
            model="minilm",
            limit_cpus=None,
            rate=10.0,
            arrivals="fixed",
            tokens=10,
            most_tokens=None,
            callers=1,
            processes=1,
            repeats=25,
            requests=2500,
            unserved=0,
            throttled_share=None,
            spin_share=0.5,
            spin_window_ms=47.0,
            **figures,
        )
        for configuration in configurations
    )
    return rows


def publish_single(store: Store, number: int) -> None:
    """Add the runs of a made-up study as single ones."""
    machine = MachineType(f"CPU {number % 10}", 8, "6.1.0")
    runs = [dataclasses.replace(row, path=row.run_id) for row in rows_of_study(number, machine.cpu).runs]
    dataset.write(store, Rows(runs=runs), dataset.NO_STUDY, machine)


def write_page(store: Store) -> float:
    """Return the seconds that the store's page took."""
    began = time.perf_counter()
    write_store_index(store)
    return time.perf_counter() - began


def ask(arguments: list[str]) -> tuple[float, float]:
    """Return the seconds and the MB (resident, at most) that a command took."""
    began = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "profiler.cli", *arguments],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit(f"{arguments} failed")
    return time.perf_counter() - began, used.ru_maxrss / 1e3


def main() -> None:
    """Grow a store and ask it at each size."""
    sizes = sorted(map(int, sys.argv[1:])) or [1_000, 10_000, 100_000]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as single:
        studied, singles, studies = open_store(folder), open_store(single), itertools.count()
        titles = (*QUESTIONS, *(f"{name}, single" for name in LISTINGS), "the page", "the page, single")
        print("| runs | " + " | ".join(titles) + " |")
        for before, size in zip([0, *sizes], sizes, strict=False):
            for number in itertools.islice(studies, (size - before) // RUNS_A_STUDY):
                cpu = f"CPU {number % 10}"
                dataset.write(
                    studied, rows_of_study(number, cpu), f"study-{number}", MachineType(cpu, 8, "6.1.0")
                )
                publish_single(singles, number)
            asked = [[*question, "--store", folder] for question in QUESTIONS.values()]
            asked += [[*QUESTIONS[name], "--store", single] for name in LISTINGS]
            took = [min(ask(question) for _ in range(3)) for question in asked]
            cells = [f"{seconds:.2f} s, {mb:.0f} MB" for seconds, mb in took]
            cells += [f"{min(write_page(store) for _ in range(3)):.2f} s" for store in (studied, singles)]
            print(f"| {size:,} | {' | '.join(cells)} |", flush=True)
        size_mb = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet")) / 1e6
        print(f"{size_mb:.0f} MB of Parquet")


if __name__ == "__main__":
    main()
