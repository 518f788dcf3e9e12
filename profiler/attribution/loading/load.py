"""A run directory in, all that its analysis is made of out.

Where its recording has to be decoded, perf is at work before numpy and what reads libraries are imported.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from profiler.attribution.loading.printed_run import print_run
from profiler.run.records import read_recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiler.attribution.loading.loaded import Loaded
    from profiler.run.directory import RunDirectory


@contextlib.contextmanager
def begun(run: RunDirectory, say: Callable[[str], None]) -> Iterator[Callable[[], Loaded]]:
    """Begin to read a run; what is yielded goes on with it, within the block.

    Recordings that were not decoded yet are decoded into traces, which are kept; perf is at work on that when
    the block begins, and on its own figures until `Loaded.check` is called, or the block ends. Where they
    were, nothing is written, and neither perf nor the profiled libraries are needed. `UsageError` and
    `TraceFileError` when the directory's files are not what ortprof writes; `MachineError` when perf fails.
    """
    recorded = read_recorded(run)
    with contextlib.ExitStack() as running:
        printed = None
        if recorded.profiled and not os.path.lexists(run.trace) and os.path.lexists(run.perf_data):
            printed = running.enter_context(print_run(run, recorded, say))
        from profiler.attribution.loading.loaded import load_recorded  # noqa: PLC0415  while perf is at work

        yield lambda: load_recorded(run, recorded, printed, running, say)
