"""What this machine allows, each finding with its remedy."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError, OrtprofError
from profiler.record import capabilities, cluster_workers
from profiler.record.container.engine import connect
from profiler.record.limit import hierarchy, usable_cpus
from profiler.record.limit.confinement import confine
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.record.temporary import temporary_folder
from profiler.spec.container import EngineName
from profiler.spec.limit import Limit
from profiler.symbols.library import open_library
from profiler.trace.model import WAKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KPTR = Path("/proc/sys/kernel/kptr_restrict")
SYMBOL_LEVELS = {
    "none": "stripped: functions are found by their instructions",
    "symtab": "has function names",
    "dwarf": "has function names and source lines",
}


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that a recording may need."""

    what: str
    available: bool
    required: bool
    """Without it, nothing can be recorded."""
    detail: str
    remedy: str = ""


def examine(python: str) -> Iterator[Examined]:
    """Yield findings about perf, events, tracepoints, cgroups and the ONNX Runtime of an interpreter."""
    yield _attempt("perf", True, "", lambda: f"version {capabilities.perf_version()}")
    yield _attempt("sampling event", True, capabilities.PERMISSION_HINT, capabilities.sampling_event)
    yield _kernel()
    yield _event("tracepoints (futex, scheduler)", WAKING)
    yield _whole_cpus()
    yield _buffers()
    yield _cgroup()
    yield _cpus()
    yield _engines()
    yield from _workers()
    yield _attempt("ONNX Runtime", True, "", lambda: _onnxruntime(python))


def _workers() -> Iterator[Examined]:
    """Yield what there is beside measurements on machines of a cluster; nothing on others."""
    for worker in cluster_workers.quiet_workers():
        yield Examined("worker of a cluster", True, False, worker.words)
    pids = cluster_workers.stock_workers()
    if pids:
        yield Examined(
            "workers of a cluster", False, False, cluster_workers.words(pids), cluster_workers.HINT
        )


def _attempt(what: str, required: bool, remedy: str, probe: Callable[[], str]) -> Examined:
    try:
        return Examined(what, True, required, probe())
    except OrtprofError as error:
        return Examined(what, False, required, error.message, error.hint or remedy)


def _kernel() -> Examined:
    what, level = "kernel samples", capabilities.paranoid_level()
    if not capabilities.kernel_visible():
        detail = f"off limits: kernel.perf_event_paranoid is {level}; user space alone is sampled"
        return Examined(what, False, False, detail, capabilities.PERMISSION_HINT)
    hidden = KPTR.exists() and KPTR.read_text().strip() == "2"
    if hidden or not _kernel_addresses():
        return Examined(what, False, False, "without names", "as root: sysctl kernel.kptr_restrict=0")
    return Examined(what, True, False, f"with names; kernel.perf_event_paranoid is {level}")


def _kernel_addresses() -> bool:
    """Whether /proc/kallsyms shows this process real addresses."""
    try:
        with Path("/proc/kallsyms").open() as symbols:
            return int(symbols.readline().split()[0], 16) != 0
    except (OSError, ValueError, IndexError):
        return False


def _event(what: str, event: str) -> Examined:
    def probe() -> bool:
        try:
            return capabilities.event_records(event)
        except OrtprofError:
            return False

    if probe():
        return Examined(what, True, False, f"perf may record {event}")
    remedy = "as root: mount -t tracefs nodev /sys/kernel/tracing; " + capabilities.PERMISSION_HINT
    return Examined(what, False, False, f"perf may not record {event}", remedy)


def _whole_cpus() -> Examined:
    what = "whole CPUs (--scope cpus)"
    try:
        watched = capabilities.watches_cpus(capabilities.sampling_event())
    except OrtprofError:
        watched = False
    if watched:
        return Examined(what, True, False, "perf may watch them, which disturbs less than watching threads")
    remedy = "as root: sysctl kernel.perf_event_paranoid=0, or give perf CAP_PERFMON"
    return Examined(what, False, False, "perf may watch threads of yours alone, which disturbs more", remedy)


def _buffers() -> Examined:
    what = "large perf buffers"
    if capabilities.buffer_pages() is not None:
        return Examined(what, True, False, "8 MiB a CPU")
    remedy = "give perf CAP_IPC_LOCK, or as root: sysctl kernel.perf_event_mlock_kb=16384"
    return Examined(what, False, False, "the default size; samples may be lost under load", remedy)


def _cgroup() -> Examined:
    what = "CPU limits (cgroup)"
    try:
        with confine(Limit(cpus=1)) as confinement:
            kind = "a scope of the user's systemd" if confinement.scope else "a cgroup of our own"
            detail = f"version {hierarchy.find().version}: {kind}"
    except OrtprofError as error:
        return Examined(what, False, False, error.message.removeprefix("--cpu-limit: "), error.hint or "")
    return Examined(what, True, False, detail)


def _cpus() -> Examined:
    """Hold the pool that ONNX Runtime makes by default against the CPUs that a workload gets here."""
    what, budget = "CPUs for a default pool", usable_cpus.describe(os.getpid(), [])
    threads = usable_cpus.default_pool_threads()
    limited = "" if budget.quota is None else f", a quota of {budget.quota:g} CPU"
    allowed = f"CPU {', '.join(str(cpu) for cpu in budget.allowed)}"
    detail = f"threads: {threads}; affinity and cpuset leave {allowed}{limited}"
    fits = threads <= max(1, math.ceil(budget.usable))
    remedy = "ONNX Runtime sizes its pool by the machine's cores: set --threads, or record single-thread"
    return Examined(what, fits, False, detail, "" if fits else remedy)


def _engines() -> Examined:
    """Ask every engine; one is enough for `--container`."""
    details, remedies = [], []
    for name in EngineName:
        try:
            engine = connect(name)
        except MachineError as error:
            remedies.append("; ".join(part for part in (error.message, error.hint) if part))
        else:
            rootless = ", rootless" if engine.rootless else ""
            details.append(f"{name.value} {engine.version}{rootless}")
    return Examined(
        "containers", bool(details), False, "; ".join(details) or "no engine", "\n".join(remedies)
    )


def _onnxruntime(python: str) -> str:
    with (
        temporary_folder() as folder,
        WorkloadProcess(Start(python), folder / "log") as workload,
    ):
        hello = workload.hello(lambda: None)
    index = open_library(hello.ort_library)
    loops = len(index.polling.functions)
    return (
        f"{hello.ort_version} on Python {hello.python}, {SYMBOL_LEVELS[index.symbol_level]}; "
        f"{loops} polling loops in {len(index.functions):,} functions"
    )
