"""Runs `perf script`, which unwinds the stacks of a DWARF recording and names the frames.

perf itself is the cost, and the parser runs beside it.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from profiler.process import run
from profiler.program_output import pieces, stream_output
from profiler.trace import perf_file
from profiler.trace.parser import parse
from profiler.trace.perf_data import recorded_span_ns
from profiler.trace.slices import cut, how_many, read_side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from profiler.trace.model import Trace


RECORDS = ("--show-lost-events", "--show-switch-events")
"""What makes perf print what is no sample."""


def command(
    perf_data: Path,
    *,
    payloads: bool = False,
    files: Sequence[str] = (),
    pids: Collection[int] = (),
    records: Sequence[str] = RECORDS,
) -> tuple[str, ...]:
    """Return the `perf script` command line whose output `profiler.trace.parser.parse` reads.

    The fields are changes to perf's own choice, not a list: with a list perf refuses a recording without
    `--sample-cpu`, and recordings that mix clock events and tracepoints. `-trace` keeps tracepoint
    payloads out, which hold comms and so anything: `payloads` is for recordings of which
    `profiler.trace.payloads` knows each tracepoint. `-symoff` keeps frame lines few, `--no-inline` saves an
    addr2line process a library. No `--force`: perf's refusal to read another user's file stands. `files`
    is from `profiler.trace.symfs`. With `pids`, samples of other processes are left out before perf unwinds
    them; other records of theirs are not. `records`: of `RECORDS`. `MachineError` where perf is missing.
    """
    trace = "+trace" if payloads else "-trace"
    fields = f"+pid,+period,+ip,+sym,+dso,-symoff,{trace}" + (",+dsoff" if _has_file_offsets() else "")
    return (
        "perf",
        "script",
        "--ns",
        "--no-inline",
        *records,
        "-F",
        fields,
        *process_options(pids),
        *files,
        "-i",
        str(perf_data),
    )


def process_options(pids: Collection[int]) -> tuple[str, ...]:
    """Return the options with which `perf script` and `perf report` keep to some processes; none for all."""
    return ("--pid", ",".join(map(str, sorted(pids)))) if pids else ()


@functools.cache
def _has_file_offsets() -> bool:
    """Tell whether perf can print file offsets beside virtual addresses.

    It must be asked to since commits 4692917156b2 and 937d02ea1e98 of 2023 ("print raw ip instead of
    binary offset for callchain" and "add new output field 'dsoff'"); perf 6.1 has no such field.
    """
    usage = run(("perf", "script", "-h"))
    return "dsoff" in usage.stdout.decode(errors="replace") + usage.stderr


def decode(
    perf_data: Path,
    *,
    payloads: bool = False,
    files: Sequence[str] = (),
    pids: Collection[int] = (),
    span_ns: tuple[int, int] | None = None,
    idle: Callable[[], object] = lambda: None,
) -> Trace:
    """Decode a recording; `payloads` and `files` as for `command`. With `pids`, of these processes alone.

    A large one is read in slices side by side; `span_ns` is when most of it was recorded, by default when its
    samples were. `idle` is called, perhaps more than once, as soon as a CPU has no more to do for it.

    `TraceFileError` for what is no regular file, on which perf might wait, and with perf's message where perf
    fails with it; `MachineError` when perf is missing or hangs, `TraceFormatError` when it prints what can't
    be read.
    """
    with perf_file.opened(perf_data) as path:
        script = command(path, payloads=payloads, files=files, pids=pids)
        cpus = len(os.sched_getaffinity(0))
        count = how_many(path.stat().st_size, cpus)
        if cpus > count + 1:  # a perf for each slice, and the parser
            idle()
        if count > 1 and (span_ns := span_ns or recorded_span_ns(path)) is not None:
            samples = command(path, payloads=payloads, files=files, pids=pids, records=())
            commands = [*[samples] * (count - 1), script]
            side_by_side = read_side_by_side(commands, cut(span_ns, count), pids, idle)
            if side_by_side is not None:
                return side_by_side
        with stream_output(script) as output:
            return parse((piece for _, piece in pieces([output])), pids)
