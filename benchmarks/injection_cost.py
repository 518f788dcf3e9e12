"""What the hooks of `profiler.injection` cost a program: at its start, at imports, at each session.

    python -m benchmarks.injection_cost --rounds 40

Each round starts every program without and with the hooks, so that what changes on the machine meanwhile
meets both; printed are medians and the median of the rounds' differences.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from profiler.injection.environment import environment
from profiler.injection.hooks import prepare
from profiler.injection.settings import InjectedSettings
from tests.workload.onnx_files import write_small

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = InjectedSettings(entries={"session.intra_op.allow_spinning": "0"})
SESSIONS = """
import sys, time
import onnxruntime
def make():
    before = time.perf_counter()
    onnxruntime.InferenceSession(sys.argv[1])
    return 1000 * (time.perf_counter() - before)
first, later = make(), sorted(make() for _ in range(100))
print(first if sys.argv[2] == "first" else later[50])
"""
PROGRAMS: dict[str, tuple[str, ...]] = {
    "a program of C": ("true",),
    "Python that does nothing": (sys.executable, "-c", "pass"),
    "Python that imports ONNX Runtime": (sys.executable, "-c", "import onnxruntime"),
}
WHAT = {"its first session": "first", "a later session": "later"}


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    without = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        hooked = environment(SETTINGS, prepare(Path(folder)), without)
        model = write_small(Path(folder) / "model.onnx")
        said = {name: (sys.executable, "-c", SESSIONS, str(model), which) for name, which in WHAT.items()}
        print("| | ms without | ms with | difference |\n|---|--:|--:|--:|")
        for name, command in (PROGRAMS | said).items():
            measure = said_ms if name in said else taken_ms
            # The first writes Python's bytecode.
            pairs = [(measure(command, without), measure(command, hooked)) for _ in range(rounds + 1)][1:]
            plain, ours = (median(side) for side in zip(*pairs, strict=True))
            difference = median(after - before for before, after in pairs)
            print(f"| {name} | {plain:.2f} | {ours:.2f} | {difference:+.2f} |")


def taken_ms(command: tuple[str, ...], environment: Mapping[str, str]) -> float:
    """Return how long a program takes."""
    before = time.perf_counter()
    said_ms(command, environment)
    return 1000 * (time.perf_counter() - before)


def said_ms(command: tuple[str, ...], environment: Mapping[str, str]) -> float:
    """Return the number that a program says; NaN where it says nothing."""
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    return float(said or "nan")


if __name__ == "__main__":
    main()
