"""What watching costs: CPU time and latency of requests under `--waits off`, `switches` and `trace`.

    python -m benchmarks.observer_cost [--config spin-off] [--rounds 5] [--seconds 4] [--rate 20]

One ONNX Runtime session serves requests in short phases, in turn with nothing attached and with perf attached
in each way, so that all see the same machine. Ratios are of medians over rounds; `untouched` is 1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.short_phase import nothing, opening, short_phase
from profiler.record import capabilities
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.record.wait_events import plan
from profiler.run.manifest import PerfSettings
from profiler.spec import catalogue
from profiler.spec.waits import Waits

MODES = (None, Waits.OFF, Waits.SWITCHES, Waits.TRACE)
STACK_BYTES = 8192
FREQUENCY_HZ = 997


@dataclass(slots=True)
class Cost:
    """What the rounds of one mode gave, in milliseconds."""

    cpu: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", default="spin-off", help="session configuration")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each phase")
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    options = parser.parse_args()
    costs = measure(options.config, options.rounds, options.seconds, options.rate)
    base = costs[None]
    print(f"{options.config}, 4 threads, {options.rate:g} requests/s, {options.rounds} rounds\n")
    print(f"{'':<10} {'CPU ms/request':>15} {'ratio':>6} {'latency p50 ms':>15} {'ratio':>6}")
    for mode, cost in costs.items():
        cpu, latency = statistics.median(cost.cpu), statistics.median(cost.latency)
        print(
            f"{'untouched' if mode is None else mode.value:<10} "
            f"{cpu:>15.2f} {cpu / statistics.median(base.cpu):>6.2f} "
            f"{latency:>15.2f} {latency / statistics.median(base.latency):>6.2f}"
        )


def measure(name: str, rounds: int, seconds: float, rate: float) -> dict[Waits | None, Cost]:
    """Return the costs of each mode; None is nothing attached."""
    configuration = catalogue.load().find(name).adjusted(threads=4, entries={})
    costs: dict[Waits | None, Cost] = {mode: Cost() for mode in MODES}
    with (
        tempfile.TemporaryDirectory() as temporary,
        WorkloadProcess(Start(sys.executable), Path(temporary) / "workload.log") as workload,
    ):
        folder = Path(temporary)
        workload.hello(nothing)
        workload.open(opening("minilm", configuration), nothing)
        short_phase(workload, seconds, "fixed", rate)  # warm-up
        for _ in range(rounds):
            for mode, cost in costs.items():
                cpu, latency = _observed(workload, mode, folder, seconds, rate)
                cost.cpu.append(cpu)
                cost.latency.append(latency)
    return costs


def _observed(
    workload: WorkloadProcess, mode: Waits | None, folder: Path, seconds: float, rate: float
) -> tuple[float, float]:
    if mode is None:
        return short_phase(workload, seconds, "fixed", rate)
    planned = plan(mode, None, seconds, STACK_BYTES)
    settings = PerfSettings(
        capabilities.sampling_event(),
        FREQUENCY_HZ,
        STACK_BYTES,
        capabilities.perf_version(),
        planned.waits,
        list(planned.events),
    )
    command = record_command(settings, workload.pid, folder / "perf.data", capabilities.buffer_pages())
    with PerfRecorder(command, folder / "perf.log") as perf:
        perf.enable()
        figures = short_phase(workload, seconds, "fixed", rate)
        perf.disable()
        perf.finish()
    return figures


if __name__ == "__main__":
    main()
