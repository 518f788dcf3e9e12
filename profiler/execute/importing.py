"""A recording made elsewhere, made a run: taken in, described, rendered, listed."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.attribution.loading.decode import doubts_of
from profiler.attribution.loading.locations import locate_frames
from profiler.attribution.rules.facts import columns_of, describe_frames
from profiler.errors import OrtprofError, UsageError
from profiler.execute.finished_run import FinishedRun
from profiler.execute.rendering import render
from profiler.findings import imported as words
from profiler.intake.cpu_time import cpu_time
from profiler.intake.recorded_waits import recorded_waits
from profiler.intake.recording import take_recording
from profiler.intake.wait_names import WAIT_NAMES
from profiler.pages.index.index_page import write_index
from profiler.run.decoding import Decoding
from profiler.run.directory import RunDirectory, complete_path, create_run, make_run_id
from profiler.run.imported import Imported
from profiler.run.manifest import Host, Manifest, OrtBuild, PerfSettings
from profiler.run.processes import Process
from profiler.symbols import index_cache
from profiler.trace import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from profiler.intake.cpu_time import CpuTime
    from profiler.intake.recorded_waits import RecordedWaits
    from profiler.intake.recording import Recording
    from profiler.trace.model import Trace

UNKNOWN = "not known"
IN_ID = "imported"
"""In the run's id, in the place of a configuration."""
ENDINGS = (".gz", ".txt", ".data", ".collapsed", ".folded", ".script", ".perf", ".pb", ".pprof", ".json")
"""What is no part of a name."""
_CHUNK = 1 << 20


def import_file(
    recording: Path,
    reports: Path,
    say: Callable[[str], None],
    *,
    name: str | None = None,
    binaries: Path | None = None,
) -> FinishedRun:
    """Make a run of a file in `reports`, with its report.

    `UsageError` names the file, and the line where it is a text, if it can't be read; `MachineError` where
    perf is missing, or the run can't be written. Nothing is left behind then.
    """
    called = name or _name_of(recording)
    with create_run(reports, make_run_id(called, IN_ID, None)) as run:
        with _hashed(recording) as sha256:
            read = take_recording(recording, run.mapped, binaries, say)
            counted = cpu_time(read.taken)
        if not counted.trace.samples.time_ns.size:
            raise _without_samples(recording, read.taken.trace)
        recorded = recorded_waits(counted.trace)
        _write(run, recorded.trace, read, say)
        imported = Imported(
            name=called,
            format=read.taken.format,
            file=recording.name,
            sha256=sha256.result(),
            event=", ".join(counted.events),
            samples=counted.samples,
            basis=counted.basis,
            keeps_files=read.root == run.mapped,
            timed=read.taken.timed,
            idle=counted.idle,
            others={event: count for event, count in counted.others.items() if event not in WAIT_NAMES}
            if recorded.events
            else counted.others,
        )
        run.requests.touch()
        files.write_json(run.counters, {})
        files.write_json(run.manifest, msgspec.to_builtins(_manifest(run, read, counted, recorded, imported)))
        try:
            analysis = render(run, say)
        except OrtprofError:  # figures that no run has: `create_run` removes what has no manifest
            run.manifest.unlink()
            raise
    finished = RunDirectory(complete_path(run))
    write_index(reports)
    return FinishedRun(finished, analysis)


@contextlib.contextmanager
def _hashed(path: Path) -> Iterator[Future[str]]:
    """Hash a file while the block reads it, and stop where that fails: it may be somebody's whole disk."""
    failed = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        try:
            hashed = beside.submit(_sha256, path, failed)
            yield hashed
            wait([hashed])  # in here: an interrupt ends that, too
        except BaseException:
            failed.set()
            raise


def _sha256(path: Path, unwanted: threading.Event) -> str:
    digest = hashlib.sha256()
    try:
        with files.open_regular(path) as file:
            while not unwanted.is_set() and (chunk := file.read(_CHUNK)):
                digest.update(chunk)
    except OSError as error:
        raise files.not_read(path, error) from error
    return digest.hexdigest()


def _name_of(recording: Path) -> str:
    name = recording.name
    while name.endswith(ENDINGS):
        name = name.rpartition(".")[0]
    return name or recording.name


def _write(run: RunDirectory, trace: Trace, read: Recording, say: Callable[[str], None]) -> None:
    """Write trace.npz with what the libraries say of its frames, and decoding.json."""
    say("reading the profiled libraries")
    described = describe_frames(trace, read.root, read.readable)
    say("reading their debug information")
    located, undebuggable = locate_frames(trace, read.root, read.readable)
    commands = {tool: run.shown(command) for tool, command in read.commands.items()}
    doubts = [*read.doubts, *doubts_of(trace, described, undebuggable)]
    decoding = Decoding(commands, doubts, build_ids=described.build_ids, rule=index_cache.VERSION)
    files.write_json(run.decoding, msgspec.to_builtins(decoding))
    store.save(run.trace, located, columns_of(described.facts))


def _manifest(
    run: RunDirectory, read: Recording, counted: CpuTime, recorded: RecordedWaits, imported: Imported
) -> Manifest:
    header = read.taken.header
    return Manifest(
        run_id=run.run_id,
        complete=True,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        imported=imported,
        ort=OrtBuild(version=UNKNOWN, library=UNKNOWN, symbols=UNKNOWN, python=UNKNOWN),
        host=Host(header.cpu, header.cpus, header.memory_bytes, header.kernel, system=""),
        perf=PerfSettings(
            event=imported.event,
            frequency_hz=counted.frequency_hz,
            stack_bytes=0,
            version=header.perf,
            waits=recorded.waits,
            wait_events=list(recorded.events),
        ),
        process=Process(pid=_any_thread(counted.trace), callers=[], pools=[]),
        ortprof=version("ortprof"),
        unavailable=[
            *words.doubts(imported, frequency_hz=counted.frequency_hz),
            *recorded.doubts,
        ],
    )


def _without_samples(recording: Path, trace: Trace) -> UsageError:
    if trace.samples.time_ns.size:
        return UsageError(f"{recording}: every sample in it is of the kernel's idle task")
    if not trace.wait_events.time_ns.size:
        return UsageError(f"{recording}: no sample in it")
    return UsageError(
        f"{recording}: it tells of waits, and counts no CPU time",
        hint="record a clock or cycles, too: perf record --switch-events -e cpu-clock",
    )


def _any_thread(trace: Trace) -> int:
    """Return the id of the first thread that was sampled: a recording may be of many processes."""
    return max(1, int(trace.samples.tid[0]))
