"""perf.data in, trace.npz and decoding.json out: the step that needs perf and the profiled libraries."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from profiler.attribution.loading.locations import locate_frames
from profiler.attribution.loading.printed_run import pids_of, print_run
from profiler.attribution.rules.facts import columns_of, describe_frames, empty_facts, from_columns
from profiler.errors import UsageError
from profiler.files import write_json
from profiler.run.decoding import CrossCheck, Decoding
from profiler.run.doubt import Doubt
from profiler.run.json_document import read
from profiler.spec.waits import Waits
from profiler.symbols import index_cache
from profiler.trace import perf_report, perf_script, store
from profiler.trace.parse_error import TraceFileError

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from pathlib import Path

    from profiler.attribution.loading.printed_run import PrintedRun
    from profiler.attribution.rules.facts import DescribedFrames
    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest, OperatorRecording
    from profiler.run.records import Recorded
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Decoded:
    """A recording, decoded."""

    trace: Trace
    facts: FrameFacts
    """What the libraries' code says about each frame of the trace."""
    decoding: Decoding


Check: TypeAlias = "Callable[[], Decoding]"
"""Waits for perf's own figures, holds ours against them, and notes that beside the trace."""


def decode_profile(
    run: RunDirectory,
    recorded: Recorded,
    printed: PrintedRun | None,
    running: contextlib.ExitStack,
    say: Callable[[str], None],
) -> tuple[Decoded, Check | None]:
    """Return a run's trace with what is known of its frames; decode perf.data where that was not done yet.

    `printed`: where perf is at work on that already; what runs on until `Check` is called is on `running`.

    `UsageError` when there is nothing to decode, `MachineError` when perf fails.
    """
    if printed is None and os.path.lexists(run.trace):
        trace, facts = _load(run.trace)
        if facts is not None or not os.path.lexists(run.perf_data):
            facts = facts or empty_facts(len(trace.frames.address))
            return Decoded(trace, facts, _with_older_rule(_kept(run, recorded.manifest), run)), None
    if not os.path.lexists(run.perf_data):
        raise UsageError(
            f"{run.path} has neither {run.trace.name} nor {run.perf_data.name}: nothing to analyse"
        )
    printed = printed or running.enter_context(print_run(run, recorded, say))
    return _decode(run, recorded.manifest, printed, running, say)


def decode_operators(run: RunDirectory, recording: OperatorRecording, say: Callable[[str], None]) -> Decoded:
    """Return what perf recorded beside ONNX Runtime's own profiler; errors as `decode_profile`'s."""
    if os.path.lexists(run.operators_trace):
        trace, facts = _load(run.operators_trace)
        return Decoded(trace, facts or empty_facts(len(trace.frames.address)), Decoding())
    if not os.path.lexists(run.operators_perf_data):
        raise UsageError(f"{run.path} has neither {run.operators_trace.name} nor its recording")
    say("decoding the recording with operators (perf script)")
    trace = perf_script.decode(
        run.operators_perf_data,
        payloads=recording.perf.waits is Waits.TRACE,
        pids=pids_of(recording.perf, [recording.process]),
    )
    facts = describe_frames(trace).facts
    trace, _ = locate_frames(trace)
    store.save(run.operators_trace, trace, columns_of(facts))
    return Decoded(trace, facts, Decoding())


def _load(path: Path) -> tuple[Trace, FrameFacts | None]:
    trace, extra = store.load(path)
    try:
        return trace, from_columns(extra, len(trace.frames.address))
    except ValueError as error:
        raise TraceFileError(path, str(error)) from error


def _kept(run: RunDirectory, manifest: Manifest) -> Decoding:
    """Return what was noted when the trace was made; versions without decoding.json noted it in run.json."""
    if os.path.lexists(run.decoding):
        decoding: Decoding = read(run.decoding, Decoding)
        return decoding
    return Decoding(cross_check=manifest.cross_check)


def _with_older_rule(decoding: Decoding, run: RunDirectory) -> Decoding:
    """Add, where polling loops were found by another version's rule, that they were, and what to do."""
    if decoding.rule == index_cache.VERSION:
        return decoding
    older = f"rule {decoding.rule}" if decoding.rule else "an earlier version's rule"
    hint = "record or import it again"
    if os.path.lexists(run.perf_data):
        hint = f"delete {run.trace.name} of the run, then `ortprof report` looks at the libraries again"
    why = f"its libraries' polling loops were found by {older}; this version's is {index_cache.VERSION}"
    doubt = Doubt("Polling as this version tells it", why, hint)
    return msgspec.structs.replace(decoding, unavailable=[*decoding.unavailable, doubt])


def _decode(
    run: RunDirectory,
    manifest: Manifest,
    printed: PrintedRun,
    running: contextlib.ExitStack,
    say: Callable[[str], None],
) -> tuple[Decoded, Check]:
    root = run.root(contained=manifest.keeps_files)
    files, pids = printed.files, printed.pids
    theirs = functools.cache(
        lambda: running.enter_context(perf_report.asked(run.perf_data, files=files, pids=pids))
    )
    trace = printed.read(theirs)
    theirs()
    say("reading the profiled libraries")
    described = describe_frames(trace, root)
    say("reading their debug information")
    trace, undebuggable = locate_frames(trace, root)
    script = perf_script.command(run.perf_data, payloads=printed.payloads, files=files, pids=pids)
    decoding = Decoding(
        commands={
            "perf script": run.shown(script),
            "perf report": run.shown(perf_report.command(run.perf_data, files=files, pids=pids)),
        },
        unavailable=doubts_of(trace, described, undebuggable),
        build_ids=described.build_ids,
        rule=index_cache.VERSION,
    )

    # The trace goes last: where it is, the note of how it was made is, too.
    write_json(run.decoding, msgspec.to_builtins(decoding))
    store.save(run.trace, trace, columns_of(described.facts))

    def check() -> Decoding:
        checked = msgspec.structs.replace(decoding, cross_check=_cross_check(trace, theirs()))
        write_json(run.decoding, msgspec.to_builtins(checked))
        return checked

    return Decoded(trace, described.facts, decoding), check


def doubts_of(trace: Trace, described: DescribedFrames, undebuggable: dict[str, str]) -> list[Doubt]:
    """Return what the profiled libraries and the kernel kept from us."""
    doubts = [
        Doubt(f"the instructions of {library}", why, "functions there may have no name")
        for library, why in described.unreadable.items()
    ]
    doubts += [
        Doubt(f"the source lines of {library}", why, "functions and instructions are shown nonetheless")
        for library, why in undebuggable.items()
    ]
    doubts += [
        Doubt(
            f"spinning in {library}",
            "it has neither symbols nor spin instructions, so its polling loops can't be told from work",
            "profile a build with symbols, or a newer version",
        )
        for library in described.silent
    ]
    if trace.lost_samples:
        hint = "lower --frequency, or give perf CAP_IPC_LOCK for larger buffers"
        doubts.append(Doubt("some samples", f"the kernel dropped {trace.lost_samples} records", hint))
    return doubts


def _cross_check(trace: Trace, reported: Callable[[], dict[str, perf_report.Shares]]) -> CrossCheck | None:
    """Hold our self shares against perf report's of the same recording."""
    if not trace.events:
        return None
    theirs = reported().get(trace.events[0], {})
    worst = perf_report.largest_deviation(perf_report.self_shares_of(trace, trace.events[0]), theirs)
    return CrossCheck(
        symbols=len(theirs),
        largest_deviation_points=worst.points,
        symbol=worst.symbol,
        library=worst.dso,
    )
