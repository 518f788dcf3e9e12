"""What ONNX Runtime's own profiler costs: CPU time and latency of requests with it and without.

    python -m benchmarks.operators_cost [--config spin-off] [--rounds 8] [--seconds 2] [--model minilm]

Two workloads with the same session settings serve requests in short phases, in turn and in changing order,
one with ONNX Runtime's profiler on; so both see the same machine. At 20 requests a second, and back to back.
Use a configuration in which an idle pool blocks: a spinning one would take CPU from the other workload.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.short_phase import nothing, opening, short_phase
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.spec import catalogue

ARRIVALS = {"20/s": ("fixed", 20.0), "closed": ("closed", 1.0)}
MODES = ("plain", "profiled")


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", default="spin-off", help="session configuration")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each phase")
    options = parser.parse_args()
    configuration = catalogue.load().find(options.config).adjusted(threads=options.threads, entries={})
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workloads = {}
        for mode in MODES:
            workload = stack.enter_context(WorkloadProcess(Start(sys.executable), folder / "workload.log"))
            workload.hello(nothing)
            prefix = str(folder / "profile") if mode == "profiled" else None
            workload.open(opening(options.model, configuration, prefix), nothing)
            short_phase(workload, 1.0, "closed", 1.0)
            workloads[mode] = workload
        print(f"{options.config}, {options.threads} threads, {options.model}, {options.rounds} rounds\n")
        print(f"{'':<8} {'CPU ms/request':>16} {'ratio':>6} {'latency p50 ms':>16} {'ratio':>6}")
        for name, (arrivals, rate) in ARRIVALS.items():
            _compare(name, workloads, options.rounds, (options.seconds, arrivals, rate))


def _compare(
    name: str, workloads: dict[str, WorkloadProcess], rounds: int, phase: tuple[float, str, float]
) -> None:
    """Print CPU time and latency, plain and profiled, and the median of the rounds' ratios."""
    seen: dict[str, list[tuple[float, float]]] = {mode: [] for mode in MODES}
    for turn in range(rounds):
        for mode in MODES if turn % 2 else reversed(MODES):
            seen[mode].append(short_phase(workloads[mode], *phase))
    cells = []
    for which in range(2):
        plain, profiled = ([figures[which] for figures in seen[mode]] for mode in MODES)
        ratio = statistics.median(b / a for a, b in zip(plain, profiled, strict=True))
        both = f"{statistics.median(plain):.2f} → {statistics.median(profiled):.2f}"
        cells.append(f"{both:>16} {ratio:>6.2f}")
    print(f"{name:<8} {' '.join(cells)}")


if __name__ == "__main__":
    main()
