"""Facts about the frames of a trace that lie in one library, for all frames at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.bare_polls import add_bare_polls
from profiler.symbols.calls import call_kinds, find_call_sites
from profiler.symbols.elf import NOWHERE
from profiler.symbols.polling import LoopPlace

if TYPE_CHECKING:
    import numpy.typing as npt

    from profiler.arrays import Bools, Bytes, Int32s, Int64s
    from profiler.symbols.functions import FunctionTable
    from profiler.symbols.image import Image
    from profiler.symbols.library import LibraryIndex
    from profiler.symbols.polling import Polling, Regions


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """One row a frame, in the order asked for. All columns have the same length."""

    address: Int64s
    """Virtual address, NOWHERE for offsets outside the file's loaded segments."""
    function: Int32s
    """Index into `LibraryIndex.functions`, NOWHERE outside all function bounds."""
    function_start: Int64s
    """Virtual address of the function, or of the gap between functions where the frame lies outside them all
    (assembly without unwind information). NOWHERE outside the file's loaded segments."""
    function_size: Int64s
    """Bytes, 0 where there is no function."""
    call_kind: Bytes
    """`CallKind`: how this frame, if it is a caller, entered its callee. Means nothing for a leaf."""
    place: Bytes
    """`LoopPlace`: where this very address stands. For a caller's frame, where the call stands."""
    wraps: Bools
    """The function pauses once for its caller (an out-of-line `SpinPause`)."""
    polls: Bools
    """The function has a polling loop."""
    dispatches: Bools
    """The function has a polling loop inside one that makes an indirect call: a worker's, not a join's."""
    helps: Bools
    """The function does no more than look for a polling loop (PopFront, Steal)."""
    shared: Bools
    """Of a function that helps: others than polling functions and their helpers seem to call it as well."""
    loop: Int64s
    """Virtual address that names the polling loop in which this very address stands, NOWHERE in none."""


def describe(addresses: npt.NDArray[np.integer], index: LibraryIndex) -> FrameFacts:
    """Look up frames by file offset, as `perf script` prints them (callers: the return address minus one).

    `addresses` is one-dimensional.
    """
    address = index.elf.to_addresses(addresses)
    polling = add_bare_polls(index.image, index.polling, address, index.verdicts)
    index.verdicts.keep()
    function = index.functions.lookup(address)
    known = function != NOWHERE
    start = _gap_starts(address, index.functions)
    size = np.zeros(len(function), np.int64)
    start[known] = index.functions.start[function[known]]
    size[known] = index.functions.end[function[known]] - start[known]
    place, loop = _places(polling.regions, address)
    helps = np.isin(function, polling.helpers)
    return FrameFacts(
        address=address,
        function=function,
        function_start=start,
        function_size=size,
        call_kind=call_kinds(index.image, address),
        place=place,
        wraps=np.isin(function, polling.wrappers),
        polls=np.isin(function, polling.functions),
        dispatches=np.isin(function, polling.functions[polling.dispatches]),
        helps=helps,
        shared=np.isin(function, _shared(np.unique(function[helps]), polling, index.image)),
        loop=loop,
    )


def _shared(helpers: Int32s, polling: Polling, image: Image) -> Int32s:
    """Return those of some helpers that functions call which neither poll nor help."""
    if not len(helpers):
        return helpers
    sites = find_call_sites(image, helpers)
    others = ~np.isin(sites.caller, np.concatenate([polling.functions, polling.helpers]))
    return np.unique(sites.callee[others])


def _gap_starts(addresses: Int64s, functions: FunctionTable) -> Int64s:
    """Return the end of the function before each address; NOWHERE before the first, and for NOWHERE."""
    before = np.searchsorted(functions.start, addresses, side="right") - 1
    starts = np.full(addresses.shape, NOWHERE, np.int64)
    starts[before >= 0] = functions.end[before[before >= 0]]
    return starts


def _places(regions: Regions, addresses: Int64s) -> tuple[Bytes, Int64s]:
    place = np.full(addresses.shape, LoopPlace.OUTSIDE, np.uint8)
    loop = np.full(addresses.shape, NOWHERE, np.int64)
    if len(regions.start):
        index = np.searchsorted(regions.start, addresses, side="right") - 1
        inside = (index >= 0) & (addresses < regions.end[index])
        place[inside] = regions.place[index[inside]]
        loop[inside] = regions.loop[index[inside]]
    return place, loop
