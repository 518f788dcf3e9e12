"""Workers of a cluster on this machine: Dask's own, which wake 100 times a second, and ours, which sleep.

docs/fleet.md has what each costs.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import PurePosixPath

import psutil

from profiler.run.cpu_budget import cpu_list
from profiler.run.doubt import Doubt

MODULE = "distributed.cli.dask_worker"
TUNED = "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED"
"""The variable of its configuration that whoever stills one sets; `ortprof worker` needs none."""
HINT = "start workers with `ortprof worker ADDRESS`"


def stock_workers() -> list[int]:
    """Return the process ids of Dask's workers that nobody stilled, as far as we may look."""
    workers = []
    for process in psutil.process_iter():
        try:
            if _is_worker(process.cmdline()) and process.environ().get(TUNED, "").lower() != "false":
                workers.append(process.pid)
        except psutil.Error:  # somebody else's, or gone
            continue
    return sorted(workers)


@dataclass(frozen=True, slots=True)
class QuietWorker:
    """An `ortprof worker`."""

    pid: int
    cpus: tuple[int, ...]
    apart: bool
    """Whether it was told to keep off its runs' CPUs."""

    @property
    def words(self) -> str:
        """Return where it sleeps: `` `ortprof worker` (process 7) keeps to CPU 1, off its runs' ``."""
        called = f"`ortprof worker` (process {self.pid})"
        if self.apart:
            return f"{called} keeps to CPU {cpu_list(self.cpus)}, off its runs'"
        return f"{called} shares its runs' CPUs"


def quiet_workers() -> list[QuietWorker]:
    """Return the workers of ours, as far as we may look."""
    workers = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            if _is_ours(command):
                apart = any(argument.partition("=")[0] == "--cpus" for argument in command)
                workers.append(QuietWorker(process.pid, tuple(process.cpu_affinity()), apart))
        except psutil.Error:  # somebody else's, or gone
            continue
    return sorted(workers, key=lambda worker: worker.pid)


def doubts() -> list[Doubt]:
    """Return what a run's figures should say of them."""
    pids = stock_workers()
    if not pids:
        return []
    return [Doubt("A machine that does nothing else", f"{words(pids)} beside what was measured", HINT)]


def words(pids: list[int]) -> str:
    """Return what they do, `Dask's worker (process 7) wakes 100 times a second`."""
    listed = ", ".join(map(str, pids))
    if len(pids) == 1:
        return f"Dask's worker (process {listed}) wakes 100 times a second"
    return f"Dask's workers (processes {listed}) wake 100 times a second each"


def _is_worker(command: list[str]) -> bool:
    """Whether a command line is `dask worker`, `dask-worker` or `python -m distributed.cli.dask_worker`."""
    names = [PurePosixPath(argument).name for argument in command[:4]]
    return "dask-worker" in names or MODULE in names or ("dask", "worker") in itertools.pairwise(names)


def _is_ours(command: list[str]) -> bool:
    """Whether a command line is `ortprof worker` or `python -m profiler.cli worker`."""
    names = [PurePosixPath(argument).name for argument in command[:6]]
    return not {("ortprof", "worker"), ("profiler.cli", "worker")}.isdisjoint(itertools.pairwise(names))
