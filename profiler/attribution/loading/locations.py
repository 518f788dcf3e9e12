"""Where each frame of a trace stands in the source: asked once, and kept with the trace."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler import files
from profiler.attribution.rules.facts import ROOT
from profiler.symbols.elf import ElfFile, ElfFormatError
from profiler.symbols.line_table import open_lines
from profiler.trace.model import Locations

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.symbols.line_table import Location
    from profiler.trace.model import Trace


def locate_frames(
    trace: Trace, root: Path = ROOT, only: frozenset[str] | None = None, *, cache_folder: Path | None = None
) -> tuple[Trace, dict[str, str]]:
    """Ask each library's debug information about the trace's frames in it, all at once.

    Returns the trace with its `locations`, and why a library's debug information could not be read. perf
    prints file offsets, which linkers such as mold put apart from virtual addresses: lines looked up by
    those would be plausible and wrong. `root` is the folder below which the libraries are, `only` names
    those to be asked, where not all are; `cache_folder` as for `open_lines`.
    """
    places: list[tuple[Location, ...]] = [()] * len(trace.frames.address)
    unreadable = {}
    for path, mine in trace.libraries():
        if only is not None and path not in only:
            continue
        try:
            elf = ElfFile.open(files.below(root, path))
        except ElfFormatError:
            continue  # `describe_frames` told
        try:
            table = open_lines(elf, cache_folder=cache_folder)
            addresses = elf.to_addresses(trace.frames.address[mine])
            located = [] if table is None else table.locate(addresses)
        except ElfFormatError as error:
            unreadable[path] = error.message
            continue
        for frame, location in zip(mine.tolist(), located, strict=False):
            places[frame] = location
    return _with_locations(trace, places), unreadable


def _with_locations(trace: Trace, places: list[tuple[Location, ...]]) -> Trace:
    strings = {text: index for index, text in reversed(list(enumerate(trace.strings)))}
    table = list(trace.strings)

    def number(text: str) -> int:
        index = strings.setdefault(text, len(table))
        if index == len(table):
            table.append(text)
        return index

    rows = [
        (number(location.function), number(location.file), location.line)
        for locations in places
        for location in locations
    ]
    columns = np.array(rows, np.int32).reshape(-1, 3)
    offsets = np.zeros(len(places) + 1, np.int64)
    offsets[1:] = np.cumsum([len(locations) for locations in places])
    locations = Locations(offsets, columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy())
    return dataclasses.replace(trace, strings=tuple(table), locations=locations)
