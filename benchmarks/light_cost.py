"""What light sampling costs a service, and how its shares agree with a full recording's.

    python -m benchmarks.light_cost [--configs spin-off,spin-on] [--rates 20,closed] [--rounds 9]

One process with the shipped MiniLM; stretches with and without a sampler follow each other in random order,
so that drifts of the machine hit all alike. `cpus` and `threads` are light sampling on whole CPUs and in
each thread, by this program itself, as `attach --light` does; `full` is perf as `ortprof attach` has it by
default. Ratios are a stretch's figure over the untouched one's of the same round; printed is the median of
the rounds, with an interval that holds it in nine of ten cases. Then, unless `--no-shares`, a light and a
full recording of the same time, and their shares.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.observer_cost import Load, Ratios, with_interval
from benchmarks.short_phase import nothing, opening, short_phase
from profiler.record import capabilities
from profiler.record.light.session import LightSession, plan
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.run.manifest import PerfSettings
from profiler.spec import catalogue
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace.model import WAIT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiler.spec.configuration import SessionConfiguration

MODES = ("untouched", "cpus", "threads", "full")
"""`untouched` is a second stretch without a sampler: what chance does."""
GROUPS = {
    "polling for work": ("spin-idle", "spin-busy"),
    "polling for workers": ("spin-join",),
    "computing": ("compute",),
    "application": ("app",),
    "futex and kernel": ("futex", "kernel"),
    "unknown": ("unknown",),
}
THREADS = 4


def main() -> None:
    """Run the rounds, print a table for each load, and then one of shares."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--configs", default="spin-off,spin-on", help="session configurations, by commas")
    parser.add_argument("--rates", default="20,closed", help="requests a second, by commas; or `closed`")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each stretch")
    parser.add_argument("--shares-seconds", type=float, default=20.0, help="of each recording for shares")
    parser.add_argument("--no-shares", action="store_true")
    options = parser.parse_args()
    for name in options.configs.split(","):
        threads = 1 if name == "single-thread" else THREADS
        configuration = catalogue.load().find(name).adjusted(threads=threads, entries={})
        with (
            tempfile.TemporaryDirectory() as temporary,
            _workload(configuration, Path(temporary)) as workload,
        ):
            for rate in options.rates.split(","):
                load = Load(name, threads, None if rate == "closed" else float(rate))
                measured = measure(load, workload, Path(temporary), options.rounds, options.seconds)
                print(f"\n{load.words}, {options.rounds} rounds of {options.seconds:g} s\n")
                print("| sampler | CPU a request | p50 |\n| --- | --- | --- |")
                for mode, ratios in measured.items():
                    print(
                        f"| {mode} | {with_interval(ratios.cpu)} | {with_interval(ratios.latency)} |",
                        flush=True,
                    )
                if not options.no_shares:
                    shares(load, workload, Path(temporary), options.shares_seconds)


@contextlib.contextmanager
def _workload(configuration: SessionConfiguration, folder: Path) -> Iterator[WorkloadProcess]:
    with WorkloadProcess(Start(sys.executable), folder / "workload.log") as workload:
        workload.hello(nothing)
        workload.open(opening("minilm", configuration), nothing)
        yield workload


def phase(load: Load, workload: WorkloadProcess, seconds: float) -> tuple[float, float]:
    """Return CPU ms a request and the median latency in ms of a stretch."""
    arrivals, rate = ("closed", 1.0) if load.rate is None else ("fixed", load.rate)
    return short_phase(workload, seconds, arrivals, rate)


def measure(
    load: Load, workload: WorkloadProcess, folder: Path, rounds: int, seconds: float
) -> dict[str, Ratios]:
    """Return each mode's ratios to the untouched stretches of its rounds."""
    measured = {mode: Ratios() for mode in MODES}
    phase(load, workload, seconds)  # warm-up
    for number in range(rounds):
        found = {}
        for mode in random.Random(number).sample(["base", *MODES], len(MODES) + 1):  # noqa: S311  an order
            with _sampling(mode, workload.pid, folder):
                found[mode] = phase(load, workload, seconds)
        base_cpu, base_latency = found["base"]
        for mode in MODES:
            measured[mode].cpu.append(found[mode][0] / base_cpu)
            measured[mode].latency.append(found[mode][1] / base_latency)
    return measured


def _sampling(mode: str, pid: int, folder: Path) -> contextlib.AbstractContextManager[None]:
    if mode in ("base", "untouched"):
        return contextlib.nullcontext()
    return _fully(pid, folder) if mode == "full" else _lightly(pid, mode)


@contextlib.contextmanager
def _lightly(pid: int, mode: str) -> Iterator[None]:
    settings = plan([pid], Scope.CPUS if mode == "cpus" else Scope.PROCESS)
    over = threading.Event()
    with LightSession(settings) as session:

        def read() -> None:
            session.read([pid])
            while not over.wait(1.0):
                session.read([pid])

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield
        finally:
            over.set()
            reader.join()


@contextlib.contextmanager
def _fully(pid: int, folder: Path) -> Iterator[None]:
    settings = PerfSettings(
        capabilities.sampling_event(),
        997,
        8192,
        capabilities.perf_version(),
        Waits.TRACE,
        list(WAIT_EVENTS),
        scope=Scope.CPUS,
        scope_cpus=sorted(os.sched_getaffinity(0)),
    )
    command = record_command(settings, [pid], folder / "perf.data", capabilities.buffer_pages())
    with PerfRecorder(command, folder / "perf.log") as perf:
        perf.enable()
        yield
        perf.disable()
        perf.finish()


def shares(load: Load, workload: WorkloadProcess, folder: Path, seconds: float) -> None:
    """Print what a light and a full recording at the same time say."""
    reports = folder / f"reports-{load.rate or 'closed'}"
    sorts: dict[str, tuple[str, ...]] = {"light": ("--light",), "full": ("--waits", "switches")}
    running = {
        sort: subprocess.Popen(
            [str(Path(sys.executable).with_name("ortprof")), "attach", str(workload.pid), *options,
             "--seconds", str(seconds), "--json", "--reports", str(reports / sort)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        for sort, options in sorts.items()
    }  # fmt: skip
    said = _outputs(running, lambda: phase(load, workload, 2.0))
    print(f"\n{load.words}: shares of one and the same time\n")
    print("| of the CPU time | light | full |\n| --- | --- | --- |")
    for group, kinds in GROUPS.items():
        print(f"| {group} | {' | '.join(_share(document, kinds) for document in said.values())} |")
    samples = ", ".join(f"{document['perf']['samples']} {sort}" for sort, document in said.items())
    print(f"\nsamples: {samples}", flush=True)


def _share(document: Any, kinds: tuple[str, ...]) -> str:
    cpu = document["cpu"]
    return f"{100 * sum(cpu['by_kind'][kind] for kind in kinds) / cpu['total_ms']:.1f} %"


def _outputs(running: dict[str, subprocess.Popen[bytes]], meanwhile: Callable[[], object]) -> dict[str, Any]:
    """Keep the service busy until all have ended; return their documents."""
    documents: dict[str, bytes] = {}
    readers = [
        threading.Thread(
            target=lambda sort=sort, child=child: documents.update({sort: child.communicate()[0]})
        )
        for sort, child in running.items()
    ]
    for reader in readers:
        reader.start()
    while any(reader.is_alive() for reader in readers):
        meanwhile()
    return {sort: json.loads(documents[sort]) for sort in running}


if __name__ == "__main__":
    main()
