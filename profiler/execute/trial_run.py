"""A trial made: one command started over and over, under each configuration in turn, until all is known."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from profiler import process
from profiler.errors import InterruptedRunError, OrtprofError, UsageError, WorkloadError
from profiler.execute.command_run import CommandSpec, run_command
from profiler.findings import injected
from profiler.pages.index.index_page import write_index
from profiler.pages.trial.trial_page import write_page
from profiler.record.monitor import Monitor
from profiler.run.cut_short import CUT_SHORT
from profiler.run.directory import file_name_part, free_path
from profiler.run.request import RequestSource
from profiler.run.summary import available
from profiler.study.trial.trial_directory import TrialDirectory
from profiler.study.trial.trial_record import (
    AS_IS,
    MOST_REQUESTS,
    Asked,
    Trial,
    TrialRun,
    find_unfinished,
    read_trial,
    write_trial,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.execute.finished_run import FinishedRun
    from profiler.run.sections.load_section import PhaseFigures
    from profiler.spec.configuration import SessionConfiguration

AROUND_SECONDS = 12.0
"""What a run takes beside its phases, as a first guess: starting, perf, the report."""


class TrialMonitor(Monitor, Protocol):
    """Receives a trial's progress too."""

    def run_begins(self, number: int, of: int, what: str, seconds_left: float) -> None:
        """Say which run begins, and how long all that are left will take."""


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """What to try."""

    command: CommandSpec
    """Without a configuration; its `attach.seconds` is how long each phase takes."""
    configurations: tuple[SessionConfiguration, ...]
    rounds: int
    target_ms: float | None = None
    """What the 95th percentile may be at most."""

    @property
    def asked(self) -> Asked:
        """What makes it the same trial."""
        attach = self.command.attach
        return Asked(
            command=list(self.command.command),
            load=list(self.command.load),
            configurations=list(self.configurations),
            rounds=self.rounds,
            seconds=attach.seconds,
            after=self.command.after_seconds,
            requests="" if attach.requests is None else str(attach.requests),
            probes=attach.probes,
        )


def open_trial(spec: TrialSpec, name: str, reports: Path, *, fresh: bool) -> TrialDirectory:
    """Return the unfinished trial of the same things, or a new one."""
    unfinished = None if fresh else find_unfinished(reports, spec.asked)
    if unfinished is not None:
        return TrialDirectory(unfinished)
    now = time.gmtime()
    wanted = f"{time.strftime('%Y%m%dT%H%M%SZ', now)}-{file_name_part(name)}-trial"
    path = free_path(reports / wanted)
    path.mkdir(parents=True)
    trial = Trial(trial_id=path.name, created=time.strftime("%Y-%m-%dT%H:%M:%SZ", now), asked=spec.asked)
    write_trial(path, trial)
    return TrialDirectory(path)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others from going on with the same trial; `UsageError` where somebody does."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise UsageError(
            f"another ortprof goes on with {path.name}", hint="wait for it, or --fresh for another trial"
        ) from error
    finally:
        os.close(folder)


def go_on(spec: TrialSpec, directory: TrialDirectory, monitor: TrialMonitor) -> None:
    """Make the runs that are left, and the trial's page anew with each.

    `OrtprofError` where a run fails, `InterruptedRunError` where the user ends it; what is done is kept.
    Where that is nothing, no run and no output, the directory is gone.
    """
    with _alone(directory.path):
        try:
            _rest(spec, directory, monitor)
        except KeyboardInterrupt:
            _drop_if_empty(directory)
            raise InterruptedRunError("interrupted") from None
        except OrtprofError:
            _drop_if_empty(directory)
            raise
        write_index(directory.path.parent)


def _drop_if_empty(directory: TrialDirectory) -> None:
    """Remove a trial that holds no run, not even half of one, and nothing that its command printed."""
    kept = (directory.output.is_file() and directory.output.stat().st_size) or (
        directory.runs.is_dir() and any(directory.runs.iterdir())
    )
    if not kept:
        shutil.rmtree(directory.path, ignore_errors=True)


def _rest(spec: TrialSpec, directory: TrialDirectory, monitor: TrialMonitor) -> None:
    trial = msgspec.structs.replace(read_trial(directory.path), target_ms=spec.target_ms)
    _write(spec, directory, trial)
    spent: list[float] = []
    while (place := trial.next_place()) is not None:
        turn, configuration = place
        known = any(run.source is not None and run.source.exact for run in trial.runs)
        profiled = turn == 0 or not known
        seconds = sum(spent) / len(spent) if spent else _guess(spec, profiled=profiled)
        done, left = len(trial.runs), trial.left()
        monitor.run_begins(done + 1, done + left, f"{configuration.label}, round {turn + 1}", seconds * left)
        began = time.monotonic()
        run = _one(spec, directory, configuration, turn, monitor, profiled=profiled)
        spent.append(time.monotonic() - began)
        trial = msgspec.structs.replace(trial, runs=[*trial.runs, run])
        _write(spec, directory, trial)
        if run.void:
            monitor.warn(f"{configuration.label} is left out: {'; '.join(run.doubts)}")


def _write(spec: TrialSpec, directory: TrialDirectory, trial: Trial) -> None:
    write_trial(directory.path, trial)
    if trial.runs:
        write_page(directory, trial, spec.command.known)


def estimated_seconds(spec: TrialSpec, trial: Trial) -> float:
    """Return how long the runs that are left will take, as far as can be said before them."""
    profiled = not any(run.source is not None and run.source.exact for run in trial.runs)
    return trial.left() * _guess(spec, profiled=profiled)


def _guess(spec: TrialSpec, *, profiled: bool) -> float:
    seconds = spec.command.attach.seconds
    return AROUND_SECONDS + spec.command.after_seconds + (2 * seconds if profiled else seconds)


def _one(
    spec: TrialSpec,
    directory: TrialDirectory,
    configuration: SessionConfiguration,
    turn: int,
    monitor: Monitor,
    *,
    profiled: bool,
) -> TrialRun:
    seconds = spec.command.attach.seconds
    with directory.output.open("ab") as output:
        begins_at = output.tell()
        command = replace(
            spec.command,
            attach=replace(
                spec.command.attach, measure_seconds=seconds, seconds=seconds if profiled else 0.0
            ),
            configuration=None if configuration.name == AS_IS else configuration,
            stdout=output.fileno(),
            stderr=output.fileno(),
            to_the_end=False,
        )
        outcome = run_command(command, directory.runs, monitor)
    if outcome.interrupted:
        raise InterruptedRunError("interrupted")
    if outcome.error is not None:
        raise _with_last_words(outcome.error, directory.output, begins_at)
    return trial_run(outcome.required_run, configuration.label, turn)


def _with_last_words(error: OrtprofError, output: Path, begins_at: int) -> OrtprofError:
    with contextlib.suppress(OSError):
        said = process.last_lines(output.read_bytes()[begins_at:].decode(errors="replace"), 1)
        if said and error.hint is None:
            error.hint = f"its last words: {said[0]}"
    return error


def trial_run(finished: FinishedRun, label: str, turn: int) -> TrialRun:
    """Return what a run says: as measured, where requests are known without perf, else as under perf."""
    summary = finished.analysis.summary
    measured, profiled = available(summary.measured), available(summary.profiled)
    if measured is None:
        raise WorkloadError(f"{finished.run.run_id} was not measured: its command ended too early")
    known = measured if measured.requests else profiled
    phase = "measure" if measured.requests else "profile"
    requests = [request for request in finished.analysis.requests if request.phase == phase]
    ignored = (
        [setting.key for setting in summary.injected.settings if setting.ignored] if summary.injected else []
    )
    nowhere = summary.injected is not None and not summary.injected.sessions
    partly = summary.injected is not None and not summary.injected.whole and not ignored and not nowhere
    doubts = [
        *(doubt.why for doubt in summary.unavailable if doubt.what in CUT_SHORT),
        *([f"ONNX Runtime {summary.ort.version} ignores {', '.join(ignored)}"] if ignored else []),
        *(["no session was given it"] if nowhere else []),
        *(injected.sentences(summary) if partly else []),
    ]
    return TrialRun(
        label=label,
        round=turn,
        run_id=finished.run.run_id,
        ort=summary.ort.version,
        seconds=measured.seconds,
        cpu_percent=measured.cpu_percent,
        source=_source(known),
        cpu_ms=_cpu_ms(measured, known),
        latency_ms=[request.latency_ns / 1e6 for request in requests[:MOST_REQUESTS]],
        given=" ".join(injected.sentences(summary)) or "nothing was given",
        doubts=[doubt.rstrip(".") for doubt in doubts],
        void=bool(ignored) or nowhere,
    )


def _source(known: PhaseFigures | None) -> RequestSource | None:
    if known is None or not known.requests:
        return None
    sources = known.requests_known_by
    return RequestSource.INFERRED if known.inferred or not sources else sources[0]


def _cpu_ms(measured: PhaseFigures, known: PhaseFigures | None) -> float | None:
    """Return CPU time a request: all of the measured phase's, at the rate at which requests came.

    None where that of requests is in it which are not known.
    """
    if known is None or not known.requests or known.requests_unknown_of:
        return None
    return measured.cpu_ms / measured.seconds * known.seconds / known.requests
