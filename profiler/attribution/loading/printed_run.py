"""A run's recording, as perf prints it, and what perf was asked for."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace import perf_script, symfs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest, PerfSettings
    from profiler.run.processes import Process
    from profiler.run.records import Recorded
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """perf at work; see `profiler.trace.perf_script.printing`."""

    payloads: bool
    files: tuple[str, ...]
    """Options with which perf finds the profiled files."""
    pids: tuple[int, ...]
    """The processes that it keeps to; none for all."""
    read: Callable[[Callable[[], object]], Trace]


@contextlib.contextmanager
def print_run(run: RunDirectory, recorded: Recorded, say: Callable[[str], None]) -> Iterator[PrintedRun]:
    """Have perf print what a run's profile phase recorded, while the block runs; errors as `printing`'s."""
    say("decoding the recording (perf script)")
    manifest = recorded.manifest
    perf = manifest.perf
    payloads = perf is not None and perf.waits is Waits.TRACE
    phase = recorded.counters.get("profile")
    files = symfs.options(run.root(contained=manifest.keeps_files), manifest.host.kernel)
    pids = _pids(manifest)
    with perf_script.printing(
        run.perf_data,
        payloads=payloads,
        files=files,
        pids=pids,
        span_ns=None if phase is None else (phase.begin.time_ns, phase.end.time_ns),
    ) as read:
        yield PrintedRun(payloads, files, pids, read)


def pids_of(perf: PerfSettings, processes: Sequence[Process]) -> tuple[int, ...]:
    """Return the processes to keep to; none where perf counted in them alone, and saw nobody else."""
    return tuple(process.pid for process in processes) if perf.scope is Scope.CPUS else ()


def _pids(manifest: Manifest) -> tuple[int, ...]:
    if manifest.attached is not None:  # perf's events are inherited by what a process starts, too
        return tuple(process.pid for process in manifest.processes)
    return () if manifest.perf is None else pids_of(manifest.perf, manifest.processes)
