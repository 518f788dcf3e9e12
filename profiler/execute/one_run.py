"""One run made whole: recorded, analysed, rendered, listed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from profiler.errors import InterruptedRunError, OrtprofError
from profiler.execute.finished_run import FinishedRun
from profiler.execute.rendering import render
from profiler.listing.source_text import EVERYTHING, SourceOptions
from profiler.pages.index.index_page import write_index
from profiler.record import attach as attaching
from profiler.record.monitor import SILENT
from profiler.record.run import record
from profiler.run import pruning
from profiler.run.directory import RunDirectory, complete_path, create_run, make_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from profiler.record.monitor import Monitor
    from profiler.record.run_spec import RunSpec

ATTACHED, STARTED = "attached", "run"
"""What ids of runs say in the place of a configuration that is not ours."""


def execute(
    spec: RunSpec,
    reports: Path,
    monitor: Monitor,
    *,
    name: str | None = None,
    source: SourceOptions = EVERYTHING,
) -> FinishedRun:
    """Record one run into `reports`, then analyse and render it. Errors are those of `record`."""
    return _made(name or run_name(spec), reports, monitor, source, lambda run: record(spec, run, monitor))


def execute_attached(
    spec: attaching.AttachSpec,
    reports: Path,
    monitor: Monitor,
    *,
    source: SourceOptions = EVERYTHING,
    circumstances: attaching.Circumstances | None = None,
    on_recorded: Callable[[], None] = lambda: None,
) -> FinishedRun:
    """Profile processes that run already, analyse and render. Errors are those of `find` and `attach`.

    `on_recorded` is called between recording and analysis, when the processes are no longer watched.
    """
    monitor.step("looking at the processes")
    targets = attaching.find(spec)
    configuration = None if circumstances is None else circumstances.configuration
    label = (STARTED if spec.started else ATTACHED) if configuration is None else configuration.label
    name = make_run_id(attaching.name_of(spec, targets), label, None)

    def recording(run: RunDirectory) -> None:
        try:
            attaching.attach(spec, targets, run, monitor, circumstances)
        finally:
            on_recorded()

    return _made(name, reports, monitor, source, recording)


def execute_seen(spec: attaching.AttachSpec, seen: attaching.Seen, reports: Path) -> FinishedRun:
    """Make a run of what was watched, analyse and render it."""
    name = make_run_id(attaching.name_of(spec, seen.targets), ATTACHED, None)
    return _made(name, reports, SILENT, EVERYTHING, lambda run: attaching.write_seen(spec, seen, run))


def _made(
    name: str,
    reports: Path,
    monitor: Monitor,
    source: SourceOptions,
    recording: Callable[[RunDirectory], object],
) -> FinishedRun:
    for cut_off in pruning.rescue(reports):
        monitor.warn(f"{cut_off.run_id} was cut off; `ortprof report {cut_off.run_id}` makes its report")
    with create_run(reports, name) as run, _what_is_kept(run):
        recording(run)
        analysis = render(run, monitor.step, source)
    finished = RunDirectory(complete_path(run))
    with _what_is_kept(finished):
        write_index(reports)
    return FinishedRun(finished, analysis)


@contextlib.contextmanager
def _what_is_kept(run: RunDirectory) -> Iterator[None]:
    """Let an error that ends a recording say what it leaves, and which command makes a report of it."""
    try:
        yield
    except OrtprofError as error:
        error.kept = _kept(run)
        raise
    except KeyboardInterrupt:
        interrupted = InterruptedRunError("interrupted")
        interrupted.kept = _kept(run)
        raise interrupted from None


def _kept(run: RunDirectory) -> str | None:
    if not run.manifest.exists():
        return None
    return f"what was recorded until then; `ortprof report {run.run_id}` makes its report"


def run_name(spec: RunSpec) -> str:
    """Return the run id for a run that begins now."""
    limit = None if spec.limit is None else spec.limit.label
    return make_run_id(spec.workload.model, spec.configuration.label, limit)
