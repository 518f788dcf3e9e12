"""Runs `perf script`, which unwinds the stacks of a DWARF recording and names the frames.

perf itself is the cost, and the parser runs beside it. Small recordings are not cut into slices: to start
another interpreter takes as long as is won.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.process import pieces, run, stream_output
from profiler.trace import perf_file
from profiler.trace.parser import parse
from profiler.trace.perf_data import recorded_span_ns
from profiler.trace.slices import cut, how_many, read_side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from profiler.trace.model import Trace


PER_READER = 2
"""CPUs: perf's, and the parser's."""
SWITCH_WORK = 0.05
"""How long the record of a switch takes to print and to read, as a part of what a sample takes: 1.3 µs of 25,
where chains have 14 frames."""


RECORDS = ("--show-lost-events", "--show-switch-events")
"""What makes perf print what is no sample."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of a recording before it is read."""

    span_ns: tuple[int, int] | None = None
    """When most of it was recorded; None for when its samples were."""
    samples: float = 0.0
    """About how many it has, as `switches`; 0 where that is not known."""
    switches: float = 0.0

    @property
    def records(self) -> float:
        """How long records of switches take to read, as a part of what the samples take."""
        return SWITCH_WORK * self.switches / self.samples if self.samples else 0.0


NOT_KNOWN = Recorded()


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
    recorded: Recorded = NOT_KNOWN,
    folder: Path | None = None,
    idle: Callable[[], object] = lambda: None,
) -> Trace:
    """Decode a recording; `payloads` and `files` as for `command`. With `pids`, of these processes alone.

    A large one is read in slices side by side, which `recorded` helps to cut. `folder` takes what is made
    meanwhile, by default the recording's own. `idle` is called, perhaps more than once, as soon as a CPU has
    no more to do for it.

    `TraceFileError` for what is no regular file, on which perf might wait, and with perf's message where perf
    fails with it; `MachineError` when perf is missing or hangs, `TraceFormatError` when it prints what can't
    be read.
    """
    with perf_file.opened(perf_data) as path:
        script = command(path, payloads=payloads, files=files, pids=pids)
        cpus = len(os.sched_getaffinity(0))
        count = how_many(path.stat().st_size, cpus)
        if cpus > PER_READER * count:
            idle()
        if count > 1 and (span_ns := recorded.span_ns or recorded_span_ns(path)) is not None:
            samples = command(path, payloads=payloads, files=files, pids=pids, records=())
            commands, parts = [*[samples] * (count - 1), script], cut(span_ns, count, recorded.records)
            side_by_side = read_side_by_side(commands, parts, pids, folder or perf_data.parent, idle)
            if side_by_side is not None:
                return side_by_side
        with stream_output(script) as output:
            return parse(pieces(output), pids)
