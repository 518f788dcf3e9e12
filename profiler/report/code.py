"""What the profiled libraries' code adds to a report: the hottest functions' instructions.

The libraries are read while they are there, and what was read is kept in the run directory
(instructions.json), so that a report made later or elsewhere shows the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from profiler import files, runs
from profiler.attribution.facts import columns_of
from profiler.report.instructions import Listing, choose
from profiler.symbols.elf import NOWHERE, ElfFormatError
from profiler.symbols.frames import describe
from profiler.symbols.library import LibraryIndex, open_library
from profiler.trace.model import NONE

if TYPE_CHECKING:
    import numpy.typing as npt

    from profiler.attribution.analyse import Profile

    Column = npt.NDArray[Any]

KEPT = "instructions.json"
LISTED = 25
"""Functions that get a listing, of the hottest."""
LARGEST_KEPT = 4 << 20
"""Bytes of instructions.json that are read: it may come from a stranger."""
CHANGED = "the library has changed since it was profiled"


def gather(run: runs.RunDirectory, profile: Profile) -> tuple[Listing, ...]:
    """Read the hottest functions' instructions.

    They come from the libraries where these are still what was profiled, else from instructions.json.
    """
    kept = {(one.function, one.library): one for one in _kept(run)}
    found = _listings(profile)
    listings = tuple(one if one.lines else kept.get((one.function, one.library), one) for one in found)
    if any(listing.lines for listing in listings):
        files.write_json(run.path / KEPT, msgspec.to_builtins(listings))
    return listings


def _kept(run: runs.RunDirectory) -> list[Listing]:
    path = run.path / KEPT
    try:
        if path.stat().st_size > LARGEST_KEPT:
            return []
        return msgspec.json.decode(path.read_bytes(), type=list[Listing])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return []


def _listings(profile: Profile) -> list[Listing]:
    """Disassemble the hottest functions and mark what their samples fell on."""
    facts = profile.facts
    leaf_cpu = cpu_by_leaf(profile)
    leaves: dict[tuple[str, str], list[int]] = {}
    for frame in np.flatnonzero(leaf_cpu).tolist():
        leaves.setdefault(profile.frame_names[frame], []).append(frame)
    libraries: dict[int, LibraryIndex | str] = {}
    listings = []
    for row in profile.functions.hot()[:LISTED]:
        function = profile.functions.names[row.function]
        if function not in leaves:
            continue
        frames = np.array(leaves[function], np.int64)
        dso = int(profile.trace.frames.dso[frames[0]])
        if dso not in libraries:
            libraries[dso] = _open(profile, dso)
        library = libraries[dso]
        if isinstance(library, str):
            listings.append(Listing(*function, why=library))
            continue
        cpu = dict(zip(facts.address[frames].tolist(), leaf_cpu[frames].tolist(), strict=True))
        listings.append(_list(function, library, int(facts.function_start[frames[0]]), cpu))
    return listings


def _list(
    function: tuple[str, str], library: LibraryIndex, start: int, cpu_by_address: dict[int, float]
) -> Listing:
    index = int(library.functions.starting_at(np.array([start]))[0])
    if index == NOWHERE:
        return Listing(*function, why="its library does not say where it begins and ends")
    try:
        return choose(*function, library.image.disassemble(index), cpu_by_address)
    except ElfFormatError as error:
        return Listing(*function, why=str(error))


def cpu_by_leaf(profile: Profile) -> Column:
    """Return for each frame the CPU time (ns) of the samples that it is the innermost frame of."""
    stacks, attribution = profile.trace.stacks, profile.attribution
    some = attribution.stack != NONE
    leaf = stacks.frames[stacks.offsets[attribution.stack[some]]]
    return np.bincount(leaf, weights=attribution.cpu_ns[some], minlength=len(profile.trace.frames.address))


def _open(profile: Profile, dso: int) -> LibraryIndex | str:
    """Open a library that was profiled, or say why there is nothing to disassemble."""
    path = profile.trace.strings[dso] if dso != NONE else ""
    if not path.startswith("/"):
        return "no file holds its code"
    try:
        library = open_library(files.below(profile.root, path))
    except ElfFormatError as error:
        return str(error)
    return library if _same_build(library, profile, dso) else CHANGED


def _same_build(library: LibraryIndex, profile: Profile, dso: int) -> bool:
    """Whether a library is the one that was profiled: all its frames lie in it as they did then."""
    mine = np.flatnonzero(profile.trace.frames.dso == dso)
    now, then = columns_of(describe(profile.trace.frames.address[mine], library)), columns_of(profile.facts)
    # Indices of functions may change with the way they are found; bounds and instructions do not.
    return all(np.array_equal(now[name], then[name][mine]) for name in now if name != "function")
