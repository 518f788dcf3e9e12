"""A trace of leaf addresses, as it was sampled, in; trace.npz and decoding.json out."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler import files
from profiler.attribution.loading.decode import doubts_of
from profiler.attribution.loading.locations import locate_frames
from profiler.attribution.rules.facts import columns_of, describe_frames
from profiler.run.decoding import Decoding
from profiler.symbols import index_cache
from profiler.symbols.demangle import demangle
from profiler.symbols.elf import NOWHERE, ElfFormatError
from profiler.symbols.library import open_library
from profiler.trace import store
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.run.directory import RunDirectory
    from profiler.symbols.library import LibraryIndex
    from profiler.trace.model import Trace


def keep_leaves(run: RunDirectory, trace: Trace, root: Path) -> None:
    """Look up a trace's frames in the libraries below `root`, and keep both in a run's directory."""
    opened = cache(open_library)
    described = describe_frames(trace, root, opened=opened)
    trace, undebuggable = locate_frames(with_names(trace, root, opened), root)
    doubts = doubts_of(trace, described, undebuggable)
    decoding = Decoding(unavailable=doubts, build_ids=described.build_ids, rule=index_cache.VERSION)
    files.write_json(run.decoding, msgspec.to_builtins(decoding))
    store.save(run.trace, trace, columns_of(described.facts))


def with_names(trace: Trace, root: Path, opened: Callable[[Path], LibraryIndex]) -> Trace:
    """Return a trace whose frames in libraries have the names that the libraries' symbols give them."""
    symbol = trace.frames.symbol.copy()
    strings = {text: index for index, text in enumerate(trace.strings)}
    for path, mine in trace.libraries():
        try:
            library = opened(files.below(root, path))
        except ElfFormatError:
            continue  # `describe_frames` told
        functions = library.functions.lookup(library.elf.to_addresses(trace.frames.address[mine]))
        for frame, function in zip(mine.tolist(), functions.tolist(), strict=True):
            name = library.functions.name(function) if function != NOWHERE else None
            if name and symbol[frame] == NONE:
                symbol[frame] = strings.setdefault(demangle(name), len(strings))
    frames = dataclasses.replace(trace.frames, symbol=symbol.astype(np.int32))
    return dataclasses.replace(trace, frames=frames, strings=tuple(strings))
