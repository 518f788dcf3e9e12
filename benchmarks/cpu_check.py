"""How near the switch records come to the CPU time that the kernel counted, by what is recorded of waits.

    python -m benchmarks.cpu_check [--configs spin-on,spin-off] [--rounds 3] [--seconds 2]

Runs the shipped MiniLM, 4 threads, 20 requests a second; perf is attached for one short phase after another.
Printed are medians of the rounds of `waits.cpu_check`, and in brackets what is missing in µs a switch. Takes
four minutes; its table is in docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.observer_cost import WAITS, settings_of
from benchmarks.short_phase import nothing, opening, short_phase
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.attribution.waits.wait_figures import cpu_check
from profiler.record import capabilities
from profiler.record.counters import snapshot
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.run.phase_counters import PhaseCounters
from profiler.spec import catalogue
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace import perf_script

if TYPE_CHECKING:
    from collections.abc import Sequence

THREADS = 4
RATE = 20.0
STACK_BYTES = 8192
PRESETS = tuple(name for name, (waits, _) in WAITS.items() if waits is not Waits.OFF)
SCOPES = (Scope.CPUS, Scope.PROCESS)


class Found(NamedTuple):
    """Of one phase."""

    check: float
    missing_us: float
    """A switch."""


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--configs", default="spin-on,spin-off", help="session configurations, by commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each phase")
    options = parser.parse_args()
    names = options.configs.split(",")
    found = {name: measure(name, options.rounds, options.seconds) for name in names}
    columns = [(name, scope) for name in names for scope in SCOPES]
    print("| `--waits` |", " | ".join(f"{name}, `{scope.value}`" for name, scope in columns), "|")
    print("| --- |" + " --- |" * len(columns))
    for preset in PRESETS:
        cells = (median(found[name][f"{scope.value}/{preset}"]) for name, scope in columns)
        print(f"| {preset} |", " | ".join(cells), "|", flush=True)


def median(rounds: Sequence[Found]) -> str:
    """Return a cell of the table."""
    check = statistics.median(row.check for row in rounds)
    return f"{check:.2f} ({statistics.median(row.missing_us for row in rounds):.1f})"


def measure(name: str, rounds: int, seconds: float) -> dict[str, list[Found]]:
    """Return what each mode, `cpus/switches` and so on, found in each round."""
    configuration = catalogue.load().find(name).adjusted(threads=THREADS, entries={})
    found: defaultdict[str, list[Found]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as temporary,
        WorkloadProcess(Start(sys.executable), Path(temporary) / "workload.log") as workload,
    ):
        workload.hello(nothing)
        workload.open(opening("minilm", configuration), nothing)
        short_phase(workload, seconds, "fixed", RATE)  # warm-up
        for _ in range(rounds):
            for mode in (f"{scope.value}/{preset}" for scope in SCOPES for preset in PRESETS):
                found[mode].append(_one_phase(workload, mode, seconds, Path(temporary)))
    return found


def _one_phase(workload: WorkloadProcess, mode: str, seconds: float, folder: Path) -> Found:
    settings = settings_of(mode, STACK_BYTES)
    recording = folder / "perf.data"
    command = record_command(settings, [workload.pid], recording, capabilities.buffer_pages())
    with PerfRecorder(command, folder / "perf.log") as perf:
        perf.enable()
        begin = snapshot(workload.pid)
        short_phase(workload, seconds, "fixed", RATE)
        end = snapshot(workload.pid)
        perf.disable()
        perf.finish()
    pids = (workload.pid,) if settings.scope is Scope.CPUS else ()
    trace = perf_script.decode(recording, payloads=settings.waits is Waits.TRACE, pids=pids)
    counters = PhaseCounters(begin, end)
    off = off_cpu(trace, (begin.time_ns, end.time_ns), counters.thread_cpu_ns())
    check = cpu_check(off, counters) or 0.0
    return Found(check, (1 - check) * counters.cpu_ns / max(1, off.tid.size) / 1e3)


if __name__ == "__main__":
    main()
