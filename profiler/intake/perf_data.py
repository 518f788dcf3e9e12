"""perf.data from another machine: decoded by this machine's perf, with the libraries found for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.intake import perf_header
from profiler.intake.libraries import Library
from profiler.intake.taken import Taken
from profiler.process import failure, run
from profiler.program_output import stream_output
from profiler.trace import perf_file, perf_script
from profiler.trace.model import SCHED_SWITCH, WAIT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from profiler.intake.perf_header import PerfHeader

FORMAT = "perf.data"
WITHOUT_TIMES = (
    "record without --no-timestamp, or import the text, which needs none: perf script | ortprof import -"
)
_MAPPED = re.compile(
    r"PERF_RECORD_MMAP2? -?\d+/-?\d+: \[0x[0-9a-f]+\(0x[0-9a-f]+\) @ (?:0x)?[0-9a-f]+ ?"
    r"(?P<id><[0-9a-f]{2,40}>|[^\]]*)\]: "
    r"(?P<protection>[-rwxsp]{4}) (?P<path>/.*)$"
)
"""tools/perf/util/event.c, `perf_event__fprintf_mmap2`."""
JIT_MAP = re.compile(r"/tmp/perf-\d+\.map")  # noqa: S108  perf names it so
"""Names of what a JIT compiler made, written for perf."""
_NEVER = "0.000000000,0.000000001"
"""perf prints no sample of that time, but all other records."""
NO_FILES = ("//anon", "/dev/zero", "/memfd:", "/SYSV", "/anon_hugepage")


def header(recording: Path) -> PerfHeader:
    """Return what perf noted of machine and events; errors are those of `perf_script.decode`.

    `UsageError` for a recording without times: which sample was when is asked of each.
    """
    with perf_file.opened(recording) as path:
        done = run(("perf", "script", "--header-only", "-i", str(path)))
        if done.exit_code != 0:
            raise failure(done.args, done.exit_code, done.stderr)
    noted = perf_header.parse(done.stdout.decode(errors="replace").splitlines())
    if not noted.timed:
        raise UsageError(f"{recording}: its samples have no times", hint=WITHOUT_TIMES)
    return noted


def libraries(recording: Path) -> list[Library]:
    """Return the files that code was mapped from, each once, with build ids where they were recorded.

    Errors are those of `perf_script.decode`.
    """
    build_ids: dict[str, str | None] = {}
    with perf_file.opened(recording) as path:
        command = ("perf", "script", "--show-mmap-events", "-F", "tid", "--time", _NEVER, "-i", str(path))
        with stream_output(command) as lines:
            for line in lines:
                library = mapped(line.decode(errors="replace").rstrip("\n"))
                if library is not None:
                    build_ids[library.path] = build_ids.get(library.path) or library.build_id
        missing = {path for path, build_id in build_ids.items() if build_id is None}
        noted = _noted_ids(path) if missing else {}
    return [Library(path, build_id or noted.get(path)) for path, build_id in build_ids.items()]


def mapped(line: str) -> Library | None:
    """Read a line about a mapping of code from a file; None for other lines."""
    match = _MAPPED.search(line)
    if match is None or "x" not in match["protection"] or match["path"].startswith(NO_FILES):
        return None
    build_id = match["id"].strip("<>") if match["id"].startswith("<") else None
    return Library(match["path"], build_id)


def _noted_ids(recording: Path) -> dict[str, str]:
    """Return the build ids that perf noted at the recording's end, by path; of none where it did not."""
    done = run(("perf", "buildid-list", "-i", str(recording)))
    pairs = (line.split(" ", 1) for line in done.stdout.decode(errors="replace").splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}  # noqa: PLR2004  a build id and a path


def take(recording: Path, noted: PerfHeader, files: Sequence[str]) -> Taken:
    """Decode a recording; `files` is from `profiler.trace.symfs`.

    Errors are those of `perf_script.decode`.
    """
    known = {SCHED_SWITCH, *WAIT_EVENTS}
    # Of other tracepoints the payload may hold anything, what looks like a frame included.
    payloads = bool(noted.tracepoints) and known.issuperset(noted.tracepoints)
    trace = perf_script.decode(recording, payloads=payloads, files=files, span_ns=noted.span_ns)
    return Taken(trace=trace, format=FORMAT, in_nanoseconds=False, timed=True, header=noted)
