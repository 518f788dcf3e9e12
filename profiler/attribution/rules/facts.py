"""What the profiled libraries' code says about each frame; kept in trace.npz, so that it is asked once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler import files
from profiler.attribution.rules.entries import settle
from profiler.attribution.rules.owners import Owner, owner_of
from profiler.symbols import callees
from profiler.symbols.calls import CallKind
from profiler.symbols.elf import NOWHERE, ElfFormatError
from profiler.symbols.frame_facts import FrameFacts, describe
from profiler.symbols.library import open_library
from profiler.symbols.polling import LoopPlace
from profiler.trace.validate import require_indices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from profiler.arrays import Column
    from profiler.symbols.library import LibraryIndex
    from profiler.trace.model import Trace


ROOT = Path("/")
SINCE = ("shared",)
"""Columns that earlier versions did not keep: nothing that rests on call chains asks for them."""


@dataclass(frozen=True, slots=True)
class DescribedFrames:
    """`FrameFacts` for every frame of a trace, and the libraries that could not help."""

    facts: FrameFacts
    unreadable: dict[str, str]
    """Library to reason."""
    silent: tuple[str, ...]
    """Libraries of the runtime with neither symbols nor polling loops: spinning in them can't be told."""
    build_ids: dict[str, str]
    """Library to the build id of the file that was read, in hexadecimal; without those that have none."""


def describe_frames(
    trace: Trace,
    root: Path = ROOT,
    only: frozenset[str] | None = None,
    opened: Callable[[Path], LibraryIndex] = open_library,
) -> DescribedFrames:
    """Open each library of a trace that is a file below `root`, and look up the trace's frames in it.

    `only` names the libraries to be opened, where not all of them are; `opened` opens them.

    Frames elsewhere (kernel, vdso, JIT, libraries that can't be read) get empty facts.
    """
    count = len(trace.frames.address)
    columns = columns_of(empty_facts(count))
    unreadable, silent, build_ids = {}, [], {}
    for path, mine in trace.libraries():
        if only is not None and path not in only:
            continue
        try:
            library = opened(files.below(root, path))
        except ElfFormatError as error:
            unreadable[path] = str(error)
            continue
        if library.build_id is not None:
            build_ids[path] = library.build_id
        if (
            owner_of(path) is Owner.RUNTIME
            and library.symbol_level == "none"
            and not library.polling.functions.size
        ):
            silent.append(path)
        for name, column in columns_of(describe(trace.frames.address[mine], library)).items():
            columns[name][mine] = column
    return DescribedFrames(settle(trace, FrameFacts(**columns)), unreadable, tuple(silent), build_ids)


def columns_of(facts: FrameFacts) -> dict[str, Column]:
    """Return the columns by name, for trace.npz."""
    return {field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}


def from_columns(columns: Mapping[str, Column], count: int) -> FrameFacts | None:
    """Return facts that were kept with a trace; None where some are missing, as another version's are.

    `ValueError` for a column of another type, and for a number that stands for nothing.
    """
    expected = columns_of(empty_facts(count))
    columns = {name: expected[name] for name in SINCE} | dict(_as_kept_now(columns, count))
    for name, column in expected.items():
        kept = columns.get(name)
        if kept is None:
            return None
        if kept.dtype != column.dtype:
            raise ValueError(f"column 'extra.{name}' is {kept.dtype}, not {column.dtype}")
        if kept.shape != column.shape:
            raise ValueError(f"column 'extra.{name}' has the shape {kept.shape}, not {column.shape}")
    for name, kinds in (("call_kind", CallKind), ("place", LoopPlace)):
        require_indices(f"extra.{name}", columns[name], len(kinds), lowest=0)
    return FrameFacts(**{name: columns[name] for name in expected})


def _as_kept_now(columns: Mapping[str, Column], count: int) -> Mapping[str, Column]:
    """Put columns of earlier versions into today's: small functions that a polling loop called helped it."""
    called_from, size = columns.get("called_from"), columns.get("function_size")
    if "helps" in columns or called_from is None or size is None or called_from.shape != size.shape:
        return columns
    helps = (called_from > LoopPlace.OUTSIDE) & (size <= callees.MAX_BYTES)
    return {**columns, "helps": helps, "loop": np.full(count, NOWHERE, np.int64)}


def empty_facts(count: int) -> FrameFacts:
    """Return facts that say nothing, for `count` frames."""

    def nowhere(dtype: type[np.signedinteger[Any]]) -> Column:
        return np.full(count, NOWHERE, dtype)

    def zeros(dtype: type[np.generic]) -> Column:
        return np.zeros(count, dtype)

    return FrameFacts(
        address=nowhere(np.int64),
        function=nowhere(np.int32),
        function_start=nowhere(np.int64),
        function_size=zeros(np.int64),
        call_kind=zeros(np.uint8),
        place=zeros(np.uint8),
        wraps=zeros(np.bool_),
        polls=zeros(np.bool_),
        dispatches=zeros(np.bool_),
        helps=zeros(np.bool_),
        shared=zeros(np.bool_),
        loop=nowhere(np.int64),
    )
