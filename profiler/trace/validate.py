"""What must hold between the columns of a trace, for one that was read from a file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.ranges import LATEST_NS
from profiler.trace.model import MOST_FRAMES, NONE, WAIT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.arrays import Column, Int64s
    from profiler.trace.model import Frames, Locations, Samples, Switches, Trace, WaitEvents


MOST = 1 << 53
"""No count, and no sample's weight, is beyond: what floats hold exactly."""


def check(trace: Trace, extra: Mapping[str, Column]) -> None:
    """Raise `ValueError` with the reason at the first thing about a trace that can't be true."""
    samples, stacks, frames, switches = trace.samples, trace.stacks, trace.frames, trace.switches
    waits = trace.wait_events
    groups = (("samples", samples), ("frames", frames), ("switches", switches), ("wait_events", waits))
    for name, group in groups:
        _require_equal_lengths(name, group)
    for name, column in extra.items():
        if column.size != frames.address.size:
            raise ValueError(
                f"column {name!r} has {column.size} rows, there are {frames.address.size} frames"
            )
    _require_order("samples", samples.time_ns)
    _require_order("switches", switches.time_ns)
    _require_order("wait_events", waits.time_ns)
    if samples.weight.size and (int(samples.weight.min()) < 0 or int(samples.weight.max()) > MOST):
        raise ValueError("a sample has a negative weight, or one that nothing counts to")
    offsets = stacks.offsets
    if offsets.size == 0 or offsets[0] != 0 or offsets[-1] != stacks.frames.size:
        raise ValueError("the stacks don't cover their frames")
    if bool(np.any(offsets[1:] <= offsets[:-1])):
        raise ValueError("a stack has no frames")
    if offsets.size > 1 and int(np.diff(offsets).max()) > MOST_FRAMES:
        raise ValueError(f"a stack has more than {MOST_FRAMES:,} frames")
    require_indices("samples.event", samples.event, len(trace.events), lowest=0)
    require_indices("samples.stack", samples.stack, offsets.size - 1)
    require_indices("wait_events.event", waits.event, len(WAIT_EVENTS), lowest=0)
    require_indices("wait_events.stack", waits.stack, offsets.size - 1)
    require_indices("stacks.frames", stacks.frames, frames.address.size, lowest=0)
    require_indices("frames.symbol", frames.symbol, len(trace.strings))
    require_indices("frames.dso", frames.dso, len(trace.strings))
    if trace.locations is not None:
        _check_locations(trace.locations, frames.address.size, len(trace.strings))


def _check_locations(locations: Locations, frames: int, strings: int) -> None:
    offsets, rows = locations.offsets, locations.line.size
    if offsets.size != frames + 1 or offsets[0] != 0 or offsets[-1] != rows:
        raise ValueError("the locations don't cover the frames")
    if bool(np.any(offsets[1:] < offsets[:-1])):
        raise ValueError("the locations of a frame end before they begin")
    if locations.function.size != rows or locations.file.size != rows:
        raise ValueError("the columns of 'locations' differ in length")
    require_indices("locations.function", locations.function, strings, lowest=0)
    require_indices("locations.file", locations.file, strings, lowest=0)
    if rows and int(locations.line.min()) < 0:
        raise ValueError("a location has a negative line")


def require_indices(name: str, column: Column, size: int, *, lowest: int = NONE) -> None:
    """Raise `ValueError` unless all values lie in `lowest` .. `size` - 1; for extra index columns too."""
    if column.size and (int(column.min()) < lowest or int(column.max()) >= size):
        raise ValueError(f"column {name!r} points outside of its table of {size}")


def _require_equal_lengths(name: str, group: Samples | Frames | Switches | WaitEvents) -> None:
    sizes = {getattr(group, field.name).size for field in dataclasses.fields(group)}
    if len(sizes) != 1:
        raise ValueError(f"the columns of {name!r} differ in length")


def _require_order(name: str, times: Int64s) -> None:
    if times.size and (int(times.min()) < 0 or int(times.max()) > LATEST_NS):
        raise ValueError(f"{name!r} have times that can't be")
    if bool(np.any(np.diff(times) < 0)):
        raise ValueError(f"{name!r} are not in order of time")
