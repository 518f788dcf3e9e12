"""How long a report takes, beside perf itself and the classical chain on the same file.

    python -m benchmarks.report_speed RUN [--reports DIR] [--rounds 5] [--flamegraph FOLDER]
    python -m benchmarks.report_speed perf.data [--rounds 5] [--flamegraph FOLDER]

RUN needs its perf.data; of a file alone an import is measured. A recording of `--scope process` has nobody
else's samples in it, which perf script would unwind and ortprof would not. With a checkout of FlameGraph in
FOLDER, `perf script | stackcollapse-perf.pl | flamegraph.pl` is measured, too. Rounds take the ways in turns,
each in a process of its own; printed are medians: wall, the ratio to one `perf script --no-inline` of the
same round, CPU; and the most memory of a process.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.run import runs
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence

ORTPROF = (sys.executable, "-m", "profiler.cli")
PERF = "perf script"


@dataclass(frozen=True, slots=True)
class Took:
    """What one way took."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--flamegraph", type=Path, help="a checkout of FlameGraph")
    options = parser.parse_args()
    perf_data = Path(options.run)
    run = None if perf_data.is_file() else runs.find(options.run, options.reports)
    if run is not None:
        perf_data = run.perf_data
    if not perf_data.exists():
        parser.error(f"{options.run} has no perf.data: record with --keep-perf-data")
    with tempfile.TemporaryDirectory() as temporary:
        measured = measure(perf_data, run, Path(temporary), options.rounds, options.flamegraph)
    size = perf_data.stat().st_size / 1e6
    print(f"{options.run}: perf.data of {size:,.0f} MB, {options.rounds} rounds\n")
    print("| way | wall, s | of perf script | CPU, s | MB |\n| --- | --- | --- | --- | --- |")
    for way, took in measured.items():
        pairs = zip(took, measured[PERF], strict=True)
        ratio = statistics.median(one.seconds / perf.seconds for one, perf in pairs)
        wall = statistics.median(one.seconds for one in took)
        cpu = statistics.median(one.cpu_seconds for one in took)
        memory = max(one.megabytes for one in took)
        print(f"| {way} | {wall:.2f} | {ratio:.2f} | {cpu:.2f} | {memory:,.0f} |")


def measure(
    perf_data: Path, run: RunDirectory | None, folder: Path, rounds: int, flamegraph: Path | None
) -> dict[str, list[Took]]:
    """Return what each way took in each round."""
    perf = ("perf", "script", "--no-inline", "-i", str(perf_data))
    imports = ("import", str(perf_data), "--reports", str(folder / "imported"))
    ways: dict[str, tuple[str, ...]] = {PERF: perf, "ortprof import": (*ORTPROF, *imports)}
    if flamegraph is not None:
        chain = [perf, (str(flamegraph / "stackcollapse-perf.pl"),), (str(flamegraph / "flamegraph.pl"),)]
        ways["perf script, stackcollapse, flamegraph"] = ("sh", "-c", " | ".join(map(shlex.join, chain)))
    copy = None if run is None else RunDirectory(folder / run.path.name)
    if run is not None and copy is not None:
        shutil.copytree(run.path, copy.path)
        arguments = (copy.path.name, "--reports", str(folder))
        ways["ortprof report, from perf.data"] = (*ORTPROF, "report", *arguments)
        ways["ortprof report, decoded"] = (*ORTPROF, "report", *arguments)
        ways["ortprof show"] = (*ORTPROF, "show", *arguments)
    measured: dict[str, list[Took]] = {}
    for _ in range(rounds):
        for path in () if copy is None else (copy.trace, copy.decoding, copy.summary, copy.report):
            path.unlink(missing_ok=True)
        for way, command in ways.items():
            measured.setdefault(way, []).append(take(command))
    return measured


def take(command: Sequence[str]) -> Took:
    """Run a command; `CalledProcessError` where it fails."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command))
    return Took(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
