"""Which CPUs a worker's runs have, and which it keeps to itself."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run.cpu_budget import cpu_list

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


@dataclass(frozen=True, slots=True)
class WorkerCpus:
    """The CPUs of a worker."""

    runs: frozenset[int]
    own: frozenset[int]
    """Those that its runs do not have; where they have all, the same."""

    @property
    def words(self) -> str:
        """Return who has which: `runs have CPU 0, the worker itself keeps to CPU 1`."""
        if self.own == self.runs:
            return f"its runs have CPU {cpu_list(self.runs)}, which it uses too"
        return f"its runs have CPU {cpu_list(self.runs)}, it keeps to CPU {cpu_list(self.own)}"


def divided(runs: Collection[int] | None) -> WorkerCpus:
    """Return which of the CPUs that this process may use are whose; `UsageError` for others.

    With None, runs have all. What it may not use is not taken: another worker may have that.
    """
    allowed = frozenset(os.sched_getaffinity(0))
    wanted = allowed if runs is None else frozenset(runs)
    if not wanted <= allowed:
        raise UsageError(
            f"--cpus {cpu_list(wanted)}: there is no CPU {cpu_list(wanted - allowed)} for this process",
            hint=f"it may use CPU {cpu_list(allowed)}",
        )
    return WorkerCpus(wanted, allowed - wanted or allowed)


def keep_to(cpus: Collection[int]) -> None:
    """Keep all of this process's threads to some CPUs, and those that they start."""
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cpus)


@contextlib.contextmanager
def starting_on(cpus: Collection[int]) -> Iterator[None]:
    """Let children that this thread starts meanwhile have some CPUs, of which it knows nothing afterwards."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)
