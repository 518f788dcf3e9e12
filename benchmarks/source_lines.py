"""What source lines and inlined functions cost: ours beside `perf script` without them and with its own.

    python -m benchmarks.source_lines RECORDING [--rounds 3] [--bound 120]

RECORDING is a run directory or a perf.data of a library with debug information. Times are of the whole way
from the file: perf alone with its output thrown away; ours with what it printed parsed and every frame looked
up, once with an empty cache and then with the table kept by build id. perf's own resolution of inlined
functions is stopped after `--bound` seconds. Exit code 1 when ours costs more than the bounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler import process
from profiler.attribution.loading.locations import locate_frames
from profiler.trace import perf_script

if TYPE_CHECKING:
    from collections.abc import Callable

CACHED_RATIO = 1.3
"""Of `perf script --no-inline` alone, once the table is kept."""
FIRST_SECONDS = 10.0
"""More than that, the first time."""


def main() -> int:
    """Measure, print a table and say whether the bounds hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recording", type=Path, help="run directory or perf.data")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bound", type=float, default=120.0, help="seconds for perf's own inlined functions")
    options = parser.parse_args()
    recording = options.recording / "perf.data" if options.recording.is_dir() else options.recording
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        first = seconds(lambda: ours(recording, folder / "cache"))
        alone, cached = [], []
        for _ in range(options.rounds):
            alone.append(seconds(lambda: perf(recording, folder / "log", inline=False)))
            cached.append(seconds(lambda: ours(recording, folder / "cache")))
        started = time.perf_counter()
        finished = perf(recording, folder / "log", inline=True, bound=options.bound)
        theirs = time.perf_counter() - started
    base, kept = statistics.median(alone), statistics.median(cached)
    rows = [
        ("perf script --no-inline", f"{base:.2f}", ""),
        ("ours, table kept", f"{kept:.2f}", f"{kept / base:.2f} times"),
        ("ours, first time", f"{first:.2f}", f"{first - base:+.1f} s"),
        (
            "perf script, inlined",
            f"{theirs:.2f}" if finished else f"> {theirs:.0f}",
            f"{theirs / base:.1f} times",
        ),
    ]
    for name, taken, against in rows:
        print(f"{name:<24} {taken:>8} s  {against}")
    holds = kept <= CACHED_RATIO * base and first <= base + FIRST_SECONDS
    print(f"bounds ({CACHED_RATIO} times, +{FIRST_SECONDS:g} s): {'hold' if holds else 'DO NOT HOLD'}")
    return 0 if holds else 1


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def perf(recording: Path, log: Path, *, inline: bool, bound: float | None = None) -> bool:
    """Run `perf script`, as ours does but for inlined functions; tell whether it ended in time."""
    command = [part for part in perf_script.command(recording) if not (inline and part == "--no-inline")]
    child = process.spawn(command, stderr=log)
    try:
        return child.wait() == 0 if bound is None else process.wait(child, bound) is not None
    finally:
        process.stop(child)


def ours(recording: Path, cache_folder: Path) -> None:
    """Decode a recording and look up all of its frames; say once how much was found."""
    fresh = not cache_folder.exists()
    trace, _ = locate_frames(perf_script.decode(recording), cache_folder=cache_folder)
    if fresh and trace.locations is not None:
        levels = np.diff(trace.locations.offsets)
        counts = (len(trace.samples.time_ns), len(levels), int((levels > 0).sum()), int((levels > 1).sum()))
        print("{:,} samples, {:,} frames: {:,} with lines, {:,} with inlined functions\n".format(*counts))


if __name__ == "__main__":
    sys.exit(main())
