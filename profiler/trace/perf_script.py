"""Runs `perf script`, which unwinds the stacks of a DWARF recording and names the frames.

perf itself is the cost, and the parser runs beside it.
"""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING

from profiler.errors import OrtprofError
from profiler.process import run
from profiler.program_output import side_by_side
from profiler.trace import perf_file
from profiler.trace.perf_data import recorded_span_ns
from profiler.trace.slices import cut, how_many

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from profiler.trace.model import Trace
    from profiler.trace.slices import Slice


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
    """Return the `perf script` command line whose output `profiler.trace.parser.Parser` reads.

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


@contextlib.contextmanager
def printing(
    perf_data: Path,
    *,
    payloads: bool = False,
    files: Sequence[str] = (),
    pids: Collection[int] = (),
    span_ns: tuple[int, int] | None = None,
) -> Iterator[Callable[[Callable[[], object]], Trace]]:
    """Have perf print a recording while the block runs; what is yielded reads that, once.

    So perf is at work while what reads it is imported, numpy first of all. `payloads` and `files` as for
    `command`. With `pids`, of these processes alone. A large one is printed in slices side by side; `span_ns`
    is when most of it was recorded, by default when its samples were. What is yielded is called with what to
    call, perhaps more than once, as soon as a CPU has no more to do for it.

    `TraceFileError` for what is no regular file, on which perf might wait, and with perf's message where perf
    fails with it; `MachineError` when perf is missing or hangs, `TraceFormatError` when it prints what can't
    be read.
    """
    running = contextlib.ExitStack()
    with contextlib.closing(running):  # what fails in the block is no failure of perf's
        path = running.enter_context(perf_file.opened(perf_data))
        script = command(path, payloads=payloads, files=files, pids=pids)
        parts = _slices(path, span_ns)
        samples = command(path, payloads=payloads, files=files, pids=pids, records=())
        sliced = [(*(script if part is parts[-1] else samples), "--time", part.option) for part in parts]
        started = running.enter_context(side_by_side(sliced or [script]))

        def read(idle: Callable[[], object]) -> Trace:
            from profiler.trace.printed import read_printed  # noqa: PLC0415  while perf is at work

            with running:
                if len(os.sched_getaffinity(0)) > len(started) + 1:  # a perf each, and the parser
                    idle()
                try:
                    return read_printed(started, pids, idle)
                except OrtprofError:
                    if not sliced:
                        raise
                # What is wrong with a slice, the whole in one go says.
                for one in started:
                    with contextlib.suppress(OrtprofError):
                        one.end()
                with side_by_side([script]) as whole:
                    return read_printed(whole, pids, idle)

        yield read


def _slices(path: Path, span_ns: tuple[int, int] | None) -> list[Slice]:
    """Return the slices to print a recording in; none where it is to be printed as a whole."""
    count = how_many(path.stat().st_size, len(os.sched_getaffinity(0)))
    span_ns = span_ns or (recorded_span_ns(path) if count > 1 else None)
    return cut(span_ns, count) if count > 1 and span_ns is not None else []


def decode(
    perf_data: Path,
    *,
    payloads: bool = False,
    files: Sequence[str] = (),
    pids: Collection[int] = (),
    span_ns: tuple[int, int] | None = None,
) -> Trace:
    """Decode a recording; options and errors are those of `printing`."""
    with printing(perf_data, payloads=payloads, files=files, pids=pids, span_ns=span_ns) as read:
        return read(lambda: None)
