"""What a larger copy of the stack buys: which call chains reach their thread's start, by event and by thread.

    python -m benchmarks.stack_bytes [--config spin-off] [--rate 20] [--seconds 4] [--sizes 2048,4096,...]

Records the shipped MiniLM once for each size, on the CPUs where perf may watch them, and counts chains of the
sampled clock and of context switches, of calling and of pool threads. A thread's start is where a chain of
the largest size ends in a function that nothing is seen to call. A chain of one frame in a library is code
without unwind information, which no size mends. Printed are: whole / of one frame / cut short; and the size
of perf.data, which has other processes' samples in it as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.short_phase import nothing, opening, short_phase
from profiler.attribution.rules.facts import describe_frames
from profiler.record import capabilities
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.stack_size import SWITCH_STACK_BYTES
from profiler.record.subject.opened import process_of
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.run.manifest import PerfSettings
from profiler.spec import catalogue
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace import perf_script
from profiler.trace.model import NONE, SWITCH_OUT, WAIT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from profiler.run.processes import Process
    from profiler.trace.model import Trace

FREQUENCY_HZ = 997
Place = tuple[str, int]
"""A function: its library, and where it begins."""
Chains = dict[str, list[tuple[Place, ...]]]
"""By event and thread: the functions of each chain that is known, the leaf first."""


def main() -> None:
    """Record with each size, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", default="spin-off")
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each recording")
    parser.add_argument("--sizes", default="2048,4096,8192,16384,32768", help="bytes, rising, by commas")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    configuration = catalogue.load().find(options.config).adjusted(threads=options.threads, entries={})
    with (
        tempfile.TemporaryDirectory() as temporary,
        WorkloadProcess(Start(sys.executable), Path(temporary) / "workload.log") as workload,
    ):
        workload.hello(nothing)
        ready = workload.open(opening("minilm", configuration), nothing)
        process = process_of(workload.pid, ready, ["minilm"])
        short_phase(workload, 1.0, "fixed", options.rate)

        def phase() -> None:
            short_phase(workload, options.seconds, "fixed", options.rate)

        recorded = {size: record(workload, process, size, phase) for size in sizes}
    starts = starts_of(recorded[sizes[-1]][0])
    print(f"{options.config}, {options.threads} threads, {options.rate:g} requests/s\n")
    print(f"| | {' | '.join(f'{size:,}' for size in sizes)} |\n| --- |{' --- |' * len(sizes)}")
    for name in sorted({name for chains, _ in recorded.values() for name in chains}):
        cells = [counted(recorded[size][0].get(name, []), starts) for size in sizes]
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"| perf.data, MB | {' | '.join(f'{recorded[size][1] / 1e6:.0f}' for size in sizes)} |")


def record(
    workload: WorkloadProcess, process: Process, size: int, phase: Callable[[], object]
) -> tuple[Chains, int]:
    """Return the chains of a phase's recording, and the bytes of its perf.data."""
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "perf.data"
        record_phase(workload.pid, size, phase, data)
        trace = perf_script.decode(data, payloads=True, pids=[workload.pid])
        return chains_of(trace, process), data.stat().st_size


def record_phase(pid: int, size: int, phase: Callable[[], object], data: Path) -> None:
    """Record a phase with stacks of this size, context switches' too."""
    event = capabilities.sampling_event()
    scope = Scope.CPUS if capabilities.watches_cpus(event) else Scope.PROCESS
    cpus = sorted(os.sched_getaffinity(0)) if scope is Scope.CPUS else []
    settings = PerfSettings(
        event,
        FREQUENCY_HZ,
        size,
        capabilities.perf_version(),
        Waits.TRACE,
        [SWITCH_OUT],
        scope=scope,
        scope_cpus=cpus,
    )
    command = record_command(settings, [pid], data, capabilities.buffer_pages())
    ours = f"stack-size={min(size, SWITCH_STACK_BYTES)}"
    command = [part.replace(ours, f"stack-size={size}") for part in command]
    with PerfRecorder(command, data.with_name("perf.log")) as perf:
        perf.enable()
        phase()
        perf.disable()
        perf.finish()


def chains_of(trace: Trace, process: Process) -> Chains:
    """Return the chains of a trace's samples and switches."""
    facts, frames, offsets = describe_frames(trace).facts, trace.frames, trace.stacks.offsets
    places = [
        (trace.strings[dso] if dso != NONE else "", start)
        for dso, start in zip(frames.dso.tolist(), facts.function_start.tolist(), strict=True)
    ]
    switches = trace.wait_events.event == WAIT_EVENTS.index(SWITCH_OUT)
    rows = [("clock", *row) for row in zip(trace.samples.tid, trace.samples.stack, strict=True)]
    rows += [
        ("switch", *row)
        for row in zip(trace.wait_events.tid[switches], trace.wait_events.stack[switches], strict=True)
    ]
    found: Chains = {}
    for event, tid, stack in rows:
        role = "calling" if tid in process.callers else "pool" if tid in process.pool_tids else "other"
        if stack != NONE:
            chain = [places[frame] for frame in trace.stacks.frames[offsets[stack] : offsets[stack + 1]]]
            own = tuple(place for place in chain if place[0].startswith("/"))  # neither kernel nor the end
            if own:
                found.setdefault(f"{event}, {role}", []).append(own)
    return found


def starts_of(chains: Chains) -> frozenset[Place]:
    """Return where chains end that were not cut: in functions that nothing is seen to call."""
    called = {place for group in chains.values() for chain in group for place in chain[:-1]}
    ends = {chain[-1] for group in chains.values() for chain in group if len(chain) > 1}
    return frozenset(ends - called)


def counted(chains: Sequence[tuple[Place, ...]], starts: Collection[Place]) -> str:
    """Return how many are whole, of one frame, cut short."""
    kinds = Counter(
        "whole" if chain[-1] in starts else "one" if len(chain) == 1 else "cut" for chain in chains
    )
    return f"{kinds['whole']} / {kinds['one']} / {kinds['cut']}"


if __name__ == "__main__":
    main()
