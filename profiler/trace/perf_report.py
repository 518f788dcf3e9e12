"""`perf report`'s own figures, against which ours are held.

A share is a symbol's part of an event's summed periods, counted where the symbol is the leaf ("self").
Symbols that perf can't name are one per DSO here, on both sides: perf report lists each of their addresses.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from profiler.program_output import stream_output
from profiler.trace import perf_file
from profiler.trace.model import NONE
from profiler.trace.parse_error import TraceFormatError
from profiler.trace.perf_script import process_options

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from profiler.trace.model import Trace

Shares: TypeAlias = dict[tuple[str, str], float]
"""(symbol, short name of its DSO) to a share of 1."""

UNKNOWN = "[unknown]"
KERNEL = "[kernel.kallsyms]"

BY_THREAD = "pid,symbol,dso"
"""Sort keys; `pid` is the thread's id, for all its name (`sort__thread_cmp` in tools/perf/util/sort.c)."""

_EVENT = re.compile(r"# Samples: .* of event '(.*)'$")
_ROW = re.compile(r"\s*(\d+)\s*\t\s*\[.\] (.*?)\s*\t\s*(.*?)\s*$")
_ROW_OF_PROCESS = re.compile(r"\s*(\d+)\s*\t\s*\[.\] (.*?)\s*\t\s*(.*?)\s*\t\s*\d+:")
"""A row where rows are told apart by thread, too: `TID:COMM` follows, then what perf adds."""
_RAW_ADDRESS = re.compile(r"0x[0-9a-f]{16}")
_JIT_MAP = re.compile(r"perf-(\d+)\.map")
_KERNEL_MODULE = re.compile(r"(.*)\.ko(?:\.(?:gz|xz|zst))?")


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where two sets of shares differ most."""

    points: float
    """The absolute difference, in percentage points."""
    symbol: str
    dso: str


def command(perf_data: Path, *, files: Sequence[str] = (), pids: Collection[int] = ()) -> tuple[str, ...]:
    """Return the `perf report` command line whose output `parse_report` reads.

    `files` is `profiler.trace.symfs.options`. With `pids`, of these processes alone.

    Periods, not percentages: these are exact. `-g none` spares perf the unwinding, so this is cheap. perf
    keeps to processes by rows, so that these must be apart: else one that another process had first would be
    left out.
    """
    return (
        "perf",
        "report",
        "--no-children",
        "--no-inline",
        "--stdio",
        "-g",
        "none",
        "--percent-limit",
        "0",
        "-F",
        "period,symbol,dso",
        "-t",
        "\t",
        *(("-s", BY_THREAD, *process_options(pids)) if pids else ()),
        *files,
        "-i",
        str(perf_data),
    )


@contextlib.contextmanager
def asked(
    perf_data: Path, *, files: Sequence[str] = (), pids: Collection[int] = ()
) -> Iterator[Callable[[], dict[str, Shares]]]:
    """Ask perf for the self shares of each event (named as in `Trace.events`) that has samples.

    It finds them while the block runs, and is interrupted at its end; what is yielded waits for them. `files`
    and `pids` as for `command`.

    Errors, of both, are those of `perf_script.decode`.
    """
    running = contextlib.ExitStack()

    def answer() -> dict[str, Shares]:
        with running:  # and behind it, as perf may have failed
            text = output.read()
        return parse_report(text.decode(errors="replace"), pids)

    with contextlib.closing(running):  # what fails in the block is no failure of perf's
        path = running.enter_context(perf_file.opened(perf_data))
        output = running.enter_context(stream_output(command(path, files=files, pids=pids)))
        yield answer


def parse_report(text: str, pids: Collection[int] = ()) -> dict[str, Shares]:
    """Read `perf report --stdio` as `command` asks for it: event name to shares.

    `TraceFormatError` at the first line that is neither comment nor row. With `pids` there are names of
    threads in the rows, which may have line breaks in them: their rests are passed over.
    """
    periods: dict[str, defaultdict[tuple[str, str], float]] = {}
    current: defaultdict[tuple[str, str], float] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            event = _EVENT.match(line)
            if event is not None:
                current = periods.setdefault(event[1], defaultdict(float))
            continue
        row = (_ROW_OF_PROCESS if pids else _ROW).match(line)
        if pids and row is None:
            continue
        if row is None or current is None:
            raise TraceFormatError("not a row of perf report", line_number=number, text=line.encode())
        symbol = UNKNOWN if _RAW_ADDRESS.fullmatch(row[2]) else row[2]
        current[symbol, short_name(row[3])] += int(row[1])
    return {event: _normalised(of_event) for event, of_event in periods.items()}


def self_shares_of(trace: Trace, event: str) -> Shares:
    """Compute the same from a trace. A sample without a chain counts as unknown code in an unknown DSO."""
    if event not in trace.events:
        return {}
    samples, stacks, frames = trace.samples, trace.stacks, trace.frames
    mine = samples.event == trace.events.index(event)
    stack, weight = samples.stack[mine], samples.weight[mine]
    chained = stack != NONE
    leaves = stacks.frames[stacks.offsets[stack[chained]]]
    by_frame = np.bincount(leaves, weights=weight[chained], minlength=frames.address.size)
    periods: defaultdict[tuple[str, str], float] = defaultdict(float)
    for frame in np.flatnonzero(by_frame):
        symbol, dso = int(frames.symbol[frame]), int(frames.dso[frame])
        name = UNKNOWN if symbol == NONE else trace.strings[symbol].strip().replace("\t", ".")
        periods[name, UNKNOWN if dso == NONE else short_name(trace.strings[dso])] += float(by_frame[frame])
    chainless = float(weight[~chained].sum())
    if chainless:
        periods[UNKNOWN, UNKNOWN] += chainless
    return _normalised(periods)


def largest_deviation(
    ours: Mapping[tuple[str, str], float], theirs: Mapping[tuple[str, str], float]
) -> Deviation:
    """Find the symbol whose shares differ most; one that is missing on a side has a share of 0 there."""
    worst = Deviation(0.0, "", "")
    for key in sorted(ours.keys() | theirs.keys()):
        points = abs(ours.get(key, 0.0) - theirs.get(key, 0.0)) * 100
        if points > worst.points:
            worst = Deviation(points, *key)
    return worst


def short_name(dso: str) -> str:
    """Shorten a DSO's path to what `perf report` shows (`dso__set_basename` in tools/perf/util/dsos.c).

    The kernel and its modules have several names, by where perf found their symbols: one is made of them.
    """
    if dso.startswith(("[kernel", "[guest.kernel")):
        return KERNEL
    if dso.startswith("["):
        return dso
    name = PurePosixPath(dso).name or dso
    if name.startswith("vmlinux"):
        return KERNEL
    jit, module = _JIT_MAP.fullmatch(name), _KERNEL_MODULE.fullmatch(name)
    if jit is not None:
        return f"[JIT] tid {jit[1]}"
    return name if module is None else f"[{module[1].replace('-', '_')}]"


def _normalised(periods: Mapping[tuple[str, str], float]) -> Shares:
    total = sum(periods.values())
    return {key: period / total for key, period in periods.items()} if total else {}
