"""ONNX Runtime's own profiles (`SessionOptions.enable_profiling`) as a source of requests: calls of `Run`.

A session writes a file of its own, all of it when its profiling ends (`end_profiling()`, or the session is
closed). So these are read once everything is over.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.record.container.namespaces import inner_pid, outer_tids
from profiler.record.logs.formats import Clocks
from profiler.record.logs.profile_begin import ProfileBegin, profile_begin
from profiler.run.doubt import Doubt
from profiler.run.json_document import DAMAGED
from profiler.run.request import Request, RequestSource
from profiler.trace.ort_profile import MAX_EVENTS, MODEL_RUN, US, Microseconds, Tid
from profiler.trace.ort_profile_store import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from profiler.run.attached import Target
    from profiler.run.manifest import Phase

MOST_FILES = 100
NAMED_RUN = f'"{MODEL_RUN}"'.encode()
MOST_TOLD = 3
"""Of files that are of no use."""


class _Run(msgspec.Struct):
    """One call of `Run`, in `trace.ort_profile`'s format."""

    name: str
    ts: Microseconds
    dur: Microseconds
    tid: Tid
    """The calling thread, as its process knows it; so is `pid`."""
    pid: Tid


@dataclass(frozen=True, slots=True)
class _Names:
    """Processes and threads by the numbers that they know themselves by."""

    pids: dict[int, int]
    tids: dict[int, int]

    @classmethod
    def of(cls, targets: Sequence[Target]) -> _Names:
        """Ask of those that still run; of others their numbers here will do, where they saw the same."""
        pids: dict[int, int] = {}
        tids: dict[int, int] = {}
        for target in targets:
            inner = inner_pid(target.pid)
            pids[target.pid if inner is None else inner] = target.pid
            with contextlib.suppress(ProcessLookupError):
                tids |= outer_tids(target.pid)
        return cls(pids, tids)


def read_profiles(
    pattern: Path, phases: Sequence[Phase], targets: Sequence[Target]
) -> tuple[list[Request], list[Doubt]]:
    """Return the calls of `Run` that lie in a phase, by their starts, and what is wrong with which file.

    `pattern` names a file, or several by wildcards: their names have the time in them. A file without such
    calls is none of this recording, and not spoken of where another has some.
    """
    paths = _matching(pattern)
    if not paths:
        return [], [_useless(f"there is no {pattern}")]
    clocks = Clocks(time.time_ns(), time.monotonic_ns())
    names = _Names.of(targets)
    requests: list[Request] = []
    used: list[ProfileBegin] = []
    useless: list[Doubt] = []
    for path in paths:
        try:
            begin, runs = _read(path)
        except UsageError as error:
            useless.append(_useless(error.message, error.hint or ""))
            continue
        begin_ns = clocks.monotonic(begin.realtime_ns)
        found = [request for run in runs for request in _request(run, begin_ns, phases, names)]
        requests += found
        if found:
            used.append(begin)
        else:
            what = "were another process's, or at another time" if runs else "are none"
            useless.append(_useless(f"the calls of Run in {path} {what}"))
    if not requests:
        return [], useless[:MOST_TOLD]
    return sorted(requests, key=lambda request: request.start_ns), [_shifted(used)]


def _useless(why: str, hint: str = "requests are told otherwise, or inferred") -> Doubt:
    return Doubt("ONNX Runtime's profile", why, hint)


def _shifted(used: Sequence[ProfileBegin]) -> Doubt:
    worst = max(used, key=lambda begin: begin.within_ns)
    return Doubt(
        "when requests began, to the microsecond",
        "ONNX Runtime's profile does not say when it began; that is known to "
        f"{worst.within_ns / 1e6:g} ms, by {worst.known_by}",
        "all requests of a session are shifted by the same; how long they took is exact",
    )


def _matching(pattern: Path) -> list[Path]:
    try:
        if pattern.exists():
            return [pattern]
        return sorted(pattern.parent.glob(pattern.name))[-MOST_FILES:]
    except (OSError, ValueError):  # a name that is too long, or no pattern
        return []


def _read(path: Path) -> tuple[ProfileBegin, list[_Run]]:
    try:
        with files.open_regular(path) as file:
            if not file.read(1):
                raise UsageError(
                    f"{path} is empty so far",
                    hint="ONNX Runtime writes it at end_profiling(), or when the session is closed",
                )
            file.seek(0)
            return profile_begin(path, file.fileno()), list(
                _runs(iter(partial(file.readline, LONGEST_LINE), b""))
            )
    except OSError as error:
        raise files.not_read(path, error) from error


def _runs(lines: Iterator[bytes]) -> Iterator[_Run]:
    """Yield the calls of `Run`; lines that are none, or damaged, are passed over."""
    decode = msgspec.json.Decoder(_Run).decode
    read = 0
    for line in lines:
        if NAMED_RUN not in line:
            continue
        with contextlib.suppress(*DAMAGED):
            run = decode(line.strip().removesuffix(b","))
            if run.name == MODEL_RUN:
                yield run
        read += 1
        if read >= MAX_EVENTS:
            return


def _request(run: _Run, begin_ns: int, phases: Sequence[Phase], names: _Names) -> Iterator[Request]:
    """Yield the call as a request, where it is of a watched process and within a phase."""
    start_ns = begin_ns + run.ts * US
    end_ns = start_ns + run.dur * US
    for phase in phases:
        if run.pid in names.pids and phase.start_ns <= start_ns and end_ns <= phase.end_ns:
            yield Request(
                phase=phase.name,
                scheduled_ns=start_ns,
                start_ns=start_ns,
                end_ns=end_ns,
                cpu_ns=None,
                process=names.pids[run.pid],
                caller=names.tids.get(run.tid, run.tid),
                source=RequestSource.ORT_PROFILE,
            )
