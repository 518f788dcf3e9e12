"""A file of any format, with the libraries that it is of."""

from __future__ import annotations

import dataclasses
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings import formats
from profiler.intake import choice, libraries, perf_data
from profiler.intake.libraries import Library
from profiler.run.doubt import Doubt
from profiler.symbols.elf import NOWHERE, ElfFile
from profiler.trace import perf_script, symfs
from profiler.trace.model import MOST_FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from profiler.intake.libraries import Found
    from profiler.intake.taken import Taken
    from profiler.trace.model import Trace

_HERE = Path("/")
_LISTED = 4
"""Libraries that a doubt names."""
BINARIES = "give the folder that they are in with --binaries"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds, and what is known of the code that was recorded."""

    taken: Taken
    root: Path
    """The folder below which the profiled libraries are."""
    readable: frozenset[str]
    """Paths of those whose instructions can be looked up."""
    doubts: tuple[Doubt, ...]
    commands: dict[str, tuple[str, ...]]
    """Command lines by tool."""


def take_recording(
    recording: Path, mapped: Path, binaries: Path | None, say: Callable[[str], None]
) -> Recording:
    """Read a file of any format.

    Libraries that are not at their own paths on this machine are copied to these below `mapped`, a folder of
    the run's directory.

    `UsageError` says what is wrong with the file, and in which line of a text; `MachineError` where perf is
    missing or fails.
    """
    if choice.is_perf_data(recording):
        return _perf_data(recording, mapped, binaries, say)
    say(f"reading {recording.name}")
    taken = choice.take(recording)
    say("looking for the libraries")
    found = libraries.find(_named(taken), binaries)
    if taken.virtual_addresses:
        taken = _at_offsets(taken, found)
    moved = _at_run_time(taken.trace, found)
    readable = frozenset(found.at) - moved
    here = _in_place(found)
    if not here:
        libraries.keep(found, mapped)
    doubts = [*_missing(found), *_unproven(found, readable), *_moved(moved), *_left_out(taken)]
    return Recording(taken, _HERE if here else mapped, readable, tuple(doubts), {})


def _perf_data(recording: Path, mapped: Path, binaries: Path | None, say: Callable[[str], None]) -> Recording:
    say(f"reading what {recording.name} is of")
    noted = perf_data.header(recording)
    say("looking for the libraries")
    found = libraries.find(perf_data.libraries(recording), binaries)
    root = _HERE
    if not (_in_place(found) and noted.kernel == platform.release()):
        mapped.mkdir(exist_ok=True)
        libraries.keep(found, mapped)
        root = mapped
    say("decoding the recording (perf script)")
    where = symfs.options(root, noted.kernel)
    taken = perf_data.take(recording, noted, where)
    used = {path for path, _ in taken.trace.libraries()}
    if root == mapped:
        libraries.drop(found, used, mapped)
    readable = frozenset(found.at) & used
    doubts = [*_missing(found, used), *_unproven(found, readable), *_left_out(taken)]
    command = perf_script.command(Path(recording.name), files=where)
    return Recording(taken, root, readable, tuple(doubts), {"perf script": command})


def _named(taken: Taken) -> list[Library]:
    """Return the libraries that frames are in; the maps of JITs hold names alone."""
    paths = (path for path, _ in taken.trace.libraries() if not perf_data.JIT_MAP.fullmatch(path))
    return [Library(path, taken.build_ids.get(path)) for path in paths]


def _at_offsets(taken: Taken, found: Found) -> Taken:
    """Return a file's content with addresses that are places in the libraries' files, as perf's are."""
    trace = taken.trace
    address = trace.frames.address.copy()
    for path, frames in trace.libraries():
        at = found.at.get(path)
        if at is not None:
            offsets = ElfFile.open(at).to_offsets(address[frames].astype(np.int64))
            address[frames] = np.where(offsets == NOWHERE, 0, offsets)
    frames_at = dataclasses.replace(trace.frames, address=address)
    return dataclasses.replace(taken, trace=dataclasses.replace(trace, frames=frames_at))


def _in_place(found: Found) -> bool:
    """Whether each library is where it was: as on the machine that was recorded."""
    return not found.missing and all(Path(path) == at for path, at in found.at.items())


def _at_run_time(trace: Trace, found: Found) -> frozenset[str]:
    """Return libraries of which a text has run-time addresses, not places in the file.

    perf before 5.17 and after 6.3 prints these for chains; what stands there in the file is other code.
    """
    moved = set()
    for path, frames in trace.libraries():
        at = found.at.get(path)
        if at is not None and int(trace.frames.address[frames].max()) >= at.stat().st_size:
            moved.add(path)
    return frozenset(moved)


def _missing(found: Found, used: Iterable[str] | None = None) -> list[Doubt]:
    """Say whose instructions are not to be had, by reason."""
    by_reason: dict[str, list[str]] = {}
    for path, why in found.missing.items():
        if used is None or path in set(used):
            by_reason.setdefault(why, []).append(path)
    return [Doubt(_instructions(paths), why, BINARIES) for why, paths in by_reason.items()]


def _unproven(found: Found, readable: frozenset[str]) -> list[Doubt]:
    paths = [path for path in found.unproven if path in readable]
    if not paths:
        return []
    verb, them = ("is", "it") if len(paths) == 1 else ("are", "them")
    why = f"matched by name alone: the recording has no build id of {them}"
    return [Doubt(f"Whether {_some(paths)} {verb} what was recorded", why, "places may be another build's")]


def _moved(paths: Iterable[str]) -> list[Doubt]:
    listed = sorted(paths)
    if not listed:
        return []
    hint = "import the perf.data, or print with perf script -F +dsoff"
    return [Doubt(_instructions(listed), "the text has run-time addresses, not places in the file", hint)]


def _left_out(taken: Taken) -> list[Doubt]:
    found = [
        Doubt(
            f"{left.count:,} {left.what}",
            f"left out; the first is {left.first}" if left.first else "left out",
        )
        for left in taken.left_out
    ]
    if taken.cut_samples:
        chains = formats.count(taken.cut_samples, "call chain")
        found.append(Doubt(f"The middle of {chains}", f"deeper than {MOST_FRAMES:,} frames"))
    return found


def _instructions(paths: Sequence[str]) -> str:
    return f"The instructions of {_some(paths)}"


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _LISTED:,} more" if len(paths) > _LISTED else ""
    return f"{', '.join(paths[:_LISTED])}{more}"
