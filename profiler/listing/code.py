"""What the profiled libraries' code adds to a report: the hottest functions' source and instructions.

The libraries are read while they are there, and what was read is kept in the run directory
(instructions.json), so that a report made later or elsewhere shows the same.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler import files
from profiler.attribution.cpu.places import cpu_by_frame, cpu_by_leaf
from profiler.attribution.rules.facts import columns_of
from profiler.listing.instructions import HOTTEST, choose, show
from profiler.listing.kept import keep, made_of_the_same, read_kept
from profiler.listing.listing import Listing
from profiler.listing.marks import mark
from profiler.listing.source_text import EVERYTHING, LEFT_OUT, SourceOptions, SourceTree, choose_lines
from profiler.listing.spent import Spent, spent_in
from profiler.run.kinds import Kind
from profiler.symbols.elf import NOWHERE, ElfFormatError
from profiler.symbols.frame_facts import describe
from profiler.symbols.library import LibraryIndex, open_library
from profiler.symbols.line_table import LineTable, open_lines
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from profiler.attribution.analysis import Profile
    from profiler.listing.kept import Function, KeptListing
    from profiler.listing.listing import InstructionLine
    from profiler.run.directory import RunDirectory

LISTED = 25
"""Functions that get a listing, of the hottest; those of the futex path do anyway, since they mostly call."""
CHANGED = "the library has changed since it was profiled"
NO_SAMPLE = "no sample fell on one of its instructions"


def gather(run: RunDirectory, profile: Profile, options: SourceOptions = EVERYTHING) -> tuple[Listing, ...]:
    """Read the hottest functions' source and instructions.

    They come from the libraries where these are still what was profiled, else from instructions.json, which
    then keeps them; from there at once where reading would give the same.
    """
    kept = read_kept(run)
    code = Code(profile, options, kept)
    located = {name for frame, name in enumerate(profile.frame_names) if profile.trace.levels(frame)}
    wanted = [
        code.listing(profile.functions.names[row.function])
        for rank, row in enumerate(profile.functions.listed(located))
        if (rank < LISTED and row.self_ns) or row.kind is Kind.FUTEX
    ]
    listings = tuple(with_kept(kept, wanted, options))
    if any(listing.lines for listing in listings):
        keep(run, listings)
    return listings


def with_kept(
    kept: Mapping[Function, Listing], listings: Iterable[Listing], options: SourceOptions
) -> Iterable[Listing]:
    """Complete listings by what is kept of them: instructions and text that are not to be had any more."""
    for listing in listings:
        complete = _completed(listing, kept.get((listing.function, listing.library)))
        yield complete if options.include else complete.without_text(LEFT_OUT)


def _completed(listing: Listing, before: Listing | None) -> Listing:
    if before is None:
        return listing
    if before.lines and not listing.lines:
        return before
    if listing.file == before.file and before.has_text and not listing.has_text:
        return msgspec.structs.replace(listing, source=before.source, source_why="")
    return listing


@dataclass(frozen=True, slots=True)
class _Library:
    """A library that is still what was profiled."""

    index: LibraryIndex
    table: LineTable | None


class Code:
    """Listings of a profile's functions, from the libraries and sources on this machine."""

    def __init__(
        self, profile: Profile, options: SourceOptions, kept: Mapping[Function, KeptListing] | None = None
    ) -> None:
        """`kept`: listings of the hottest instructions that need not be made anew where nothing changed."""
        self._profile = profile
        self._kept = kept or {}
        self._tree = SourceTree(options)
        self._frames: defaultdict[Function, list[int]] = defaultdict(list)
        for frame, function in enumerate(profile.frame_names):
            self._frames[function].append(frame)
        stacks, frames = profile.trace.stacks, len(profile.frame_names)
        self._leaf_cpu = cpu_by_leaf(stacks, profile.attribution, frames)
        self._below_cpu = cpu_by_frame(stacks, profile.attribution, frames)
        self._libraries: dict[int, _Library | str] = {}

    def listing(self, function: Function, most: int | None = HOTTEST) -> Listing:
        """Return a function's code, with its `most` hottest instructions, or all of them for None.

        Of several functions with one name, such as overloads, it is the one with the most CPU time.
        """
        trace, facts = self._profile.trace, self._profile.facts
        if not self._frames[function]:
            return Listing(*function, why="its samples have no call chain")
        spent = spent_in(trace, facts, self._frames[function], self._leaf_cpu, self._below_cpu)
        kept = self._kept.get(function)
        if kept is not None and most == HOTTEST and self._holds(kept, spent):
            return kept
        library = self._library(spent.dso)
        if isinstance(library, str):
            return self._listing(function, spent, why=library)
        index = int(library.index.functions.starting_at(np.array([spent.start]))[0])
        if index == NOWHERE:
            return self._listing(function, spent, why="its library does not say where it begins and ends")
        try:
            code = library.index.image.disassemble(index)
        except ElfFormatError as error:
            return self._listing(function, spent, why=error.message)
        marks = mark(library.index.image, code, spent.by_address)
        chosen = choose(code, spent.by_address, most)
        # The first instruction is the function's own, inlined code or not: it tells whose source this is.
        asked = sorted({0, *chosen, *marks.loop} if code else ())
        source = _source_of([code[i].address for i in asked], library.table, spent.file)
        lines = show(code, chosen, spent.by_address, marks, source)
        loop = {source[code[i].address] for i in marks.loop if code[i].address in source}
        named = bool(spent.file) and bool(source)
        return self._listing(function, spent, lines, loop, named=named, why="" if lines else NO_SAMPLE)

    def _holds(self, kept: KeptListing, spent: Spent) -> bool:
        """Whether a kept listing is what would be made: source text still missing, for the same reason."""
        if not made_of_the_same(kept, spent):
            return False
        missing = kept.source_why == self._tree.why_not and self._tree.text(kept.file) is None
        return missing or not kept.source

    def _listing(
        self,
        function: Function,
        spent: Spent,
        lines: list[InstructionLine] | None = None,
        loop: Iterable[int] = (),
        *,
        named: bool = False,
        why: str,
    ) -> Listing:
        """Put a listing together; source files are read only where `named`: by the library itself."""
        text = self._tree.text(spent.file) if named else None
        source = choose_lines(spent.own, spent.total, frozenset(loop), text)
        return Listing(
            *function,
            lines or [],
            why,
            spent.file,
            source,
            list(spent.inlined),
            self._tree.why_not if source and text is None else "",
        )

    def _library(self, dso: int) -> _Library | str:
        """Open a library that was profiled, or say why there is nothing to disassemble."""
        if dso not in self._libraries:
            self._libraries[dso] = self._open(dso)
        return self._libraries[dso]

    def _open(self, dso: int) -> _Library | str:
        trace = self._profile.trace
        path = trace.strings[dso] if dso != NONE else ""
        if not path.startswith("/"):
            return "no file holds its code"
        try:
            library = open_library(files.below(self._profile.root, path))
        except ElfFormatError as error:
            return error.message
        if not _same_build(library, self._profile, dso):
            return CHANGED
        try:
            return _Library(library, open_lines(library.elf))
        except ElfFormatError:
            return _Library(library, None)


def _source_of(addresses: list[int], table: LineTable | None, file: str) -> dict[int, int]:
    """Return the lines of a function's own source that instructions belong to, by address."""
    if table is None:
        return {}
    located = zip(addresses, table.locate(np.array(addresses, np.int64)), strict=True)
    return {address: levels[-1].line for address, levels in located if levels and levels[-1].file == file}


def _same_build(library: LibraryIndex, profile: Profile, dso: int) -> bool:
    """Whether a library is the one that was profiled: by its build id, or all frames lie in it as then."""
    if library.build_id is not None and library.build_id == profile.build_ids.get(profile.trace.strings[dso]):
        return True
    mine = np.flatnonzero(profile.trace.frames.dso == dso)
    now, then = columns_of(describe(profile.trace.frames.address[mine], library)), columns_of(profile.facts)
    # Indices of functions may change with the way they are found; bounds and instructions do not.
    return all(np.array_equal(now[name], then[name][mine]) for name in now if name != "function")
