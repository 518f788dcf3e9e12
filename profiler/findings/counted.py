"""Where samples were taken, and why there, in words for terminal and page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.run.cpu_budget import cpu_list
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from profiler.run.sections.cpu_section import PerfFigures


def counted(perf: PerfFigures) -> str:
    """Say where perf, or the light sampler, counted; why, where that is known."""
    cpus = cpu_list(perf.scope_cpus)
    in_threads = perf.scope is Scope.PROCESS
    if perf.light:
        where = (
            "a clock in each of the processes' threads"
            if in_threads
            else f"a clock on CPU {cpus}, kept to the processes as it is read"
        )
    elif in_threads:
        where = "perf counted in the process's threads"
    else:
        where = f"perf counted on CPU {cpus}, kept to the process when decoded"
    return f"{where}: {perf.scope_reason}" if perf.scope_reason else where
