"""Traces of time slices of one recording, read side by side, as the one trace that they are."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from profiler.trace.model import NONE, Frames, Samples, Stacks, Switches, Trace, WaitEvents, stacks_of
from profiler.trace.trace_builder import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from profiler.arrays import Column, Int32s

Columns = TypeVar("Columns", Samples, Switches, WaitEvents)


def join(parts: Sequence[Trace]) -> Trace:
    """Return one trace of at least one; tables hold each entry once.

    It is what `profiler.trace.parser.Parser` makes of their texts one behind the other, where samples of each
    follow those of the one before, and switches do. Losses add up, so each is to be told in one part alone;
    locations are not asked of parts.
    """
    if len(parts) == 1:
        return parts[0]
    events, event_of = _merged([part.events for part in parts])
    strings, string_of = _merged([part.strings for part in parts])
    frames, frame_of = _merged(
        [_frame_keys(part.frames, mapped) for part, mapped in zip(parts, string_of, strict=True)]
    )
    stacks, stack_of = _merged(
        [_chains(part.stacks, mapped) for part, mapped in zip(parts, frame_of, strict=True)]
    )
    samples = [
        dataclasses.replace(
            part.samples,
            event=_through(events_, part.samples.event),
            stack=_through(stacks_, part.samples.stack),
        )
        for part, events_, stacks_ in zip(parts, event_of, stack_of, strict=True)
    ]
    waits = [
        dataclasses.replace(part.wait_events, stack=_through(mapped, part.wait_events.stack))
        for part, mapped in zip(parts, stack_of, strict=True)
    ]
    return Trace(
        events=tuple(events),
        samples=_behind(samples),
        stacks=stacks_of(stacks),
        frames=Frames(
            address=np.array([address for address, _, _ in frames], np.uint64),
            symbol=np.array([symbol for _, symbol, _ in frames], np.int32),
            dso=np.array([dso for _, _, dso in frames], np.int32),
        ),
        strings=tuple(strings),
        switches=_behind([part.switches for part in parts]),
        comms=_latest_names(parts),
        lost_samples=sum(part.lost_samples for part in parts),
        wait_events=_behind(waits),
    )


def _latest_names(parts: Sequence[Trace]) -> dict[int, str]:
    """Return each thread's name from the part that saw it last: one may have the switches of all."""
    names: dict[int, tuple[int, str]] = {}
    for part in parts:
        seen: dict[int, int] = {}
        for table in (part.samples, part.switches, part.wait_events):
            tids, from_the_end = np.unique(table.tid[::-1], return_index=True)
            for tid, time in zip(tids.tolist(), table.time_ns[::-1][from_the_end].tolist(), strict=True):
                seen[tid] = max(time, seen.get(tid, time))
        for tid, comm in part.comms.items():
            named = (seen.get(tid, NO_TIME), comm)
            if tid not in names or names[tid][0] <= named[0]:
                names[tid] = named
    return {tid: comm for tid, (_, comm) in names.items()}


Key = TypeVar("Key", bound="Hashable")


def _merged(tables: Sequence[Iterable[Key]]) -> tuple[list[Key], list[Int32s]]:
    """Return all entries in order of first sight, and for each table where its entries are among them."""
    index: dict[Key, int] = {}
    mapped = [
        np.array([index.setdefault(entry, len(index)) for entry in table], np.int32) for table in tables
    ]
    return list(index), mapped


def _frame_keys(frames: Frames, string_of: Int32s) -> Iterable[tuple[int, int, int]]:
    symbols, dsos = _through(string_of, frames.symbol), _through(string_of, frames.dso)
    return zip(frames.address.tolist(), symbols.tolist(), dsos.tolist(), strict=True)


def _chains(stacks: Stacks, frame_of: Int32s) -> Iterable[tuple[int, ...]]:
    frames, offsets = _through(frame_of, stacks.frames).tolist(), stacks.offsets.tolist()
    return (tuple(frames[start:end]) for start, end in itertools.pairwise(offsets))


def _through(mapped: Int32s, indices: Int32s) -> Int32s:
    """Return indices into a part's table as indices into the merged one; none stays none."""
    return np.where(indices == NONE, np.int32(NONE), mapped[indices] if mapped.size else np.int32(NONE))


def _behind(parts: Sequence[Columns]) -> Columns:
    """Put the columns of tables one behind the other."""
    names = [field.name for field in dataclasses.fields(parts[0])]
    columns: dict[str, Column] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in names
    }
    kind: type[Any] = type(parts[0])
    joined: Columns = kind(**columns)
    return joined
