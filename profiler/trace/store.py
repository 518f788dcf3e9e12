"""trace.npz: a trace, and what later stages found out about its frames.

Columns are named `samples.time_ns`, `stacks.offsets` and so on. A table of strings is two columns, the
UTF-8 text of all and where each ends. Nothing in the file is trusted: see `profiler.trace.validate`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from profiler.trace import npz
from profiler.trace.column_builder import from_strings, from_text, take, to_strings
from profiler.trace.model import (
    NONE,
    WAIT_EVENTS,
    Frames,
    Locations,
    Samples,
    Stacks,
    Switches,
    Trace,
    WaitEvents,
    no_wait_events,
)
from profiler.trace.parse_error import TraceFileError
from profiler.trace.validate import MOST, check, require_indices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.arrays import Column

    Group = TypeVar("Group", Samples, Stacks, Frames, Switches, WaitEvents, Locations)

SCHEMA = "ortprof.trace/1"

_EXTRA = "extra."
_NAMES = "wait_event_names"
_UNNAMED_WAIT_EVENTS = ("context-switches", "sched:sched_waking", "syscalls:sys_enter_futex")
"""What the indices of wait events meant in files that do not name them."""
_TYPES: dict[str, str] = {
    "time_ns": "<i8", "weight": "<i8", "offsets": "<i8", "address": "<u8",
    "argument": "<i8",    "switched_in": "|b1", "preempted": "|b1",
}  # fmt: skip
"""Column types that differ from the rule, which is int32."""


def save(path: Path, trace: Trace, extra: Mapping[str, Column] | None = None) -> None:
    """Write a trace, and further columns with one number a frame, in one atomic step.

    `ValueError` if an extra column is not flat, numeric and as long as `trace.frames`; `NotWrittenError` when
    the file can't be written.
    """
    extra = extra or {}
    for name, column in extra.items():
        if column.shape != trace.frames.address.shape:
            raise ValueError(
                f"column {name!r} has shape {column.shape}, the frames {trace.frames.address.shape}"
            )
    columns = {"schema": from_text(SCHEMA), "lost_samples": np.array([trace.lost_samples], np.int64)}
    for group in ("samples", "stacks", "frames", "switches", "wait_events", "locations"):
        value = getattr(trace, group)
        if value is None:
            continue
        for field in dataclasses.fields(value):
            columns[f"{group}.{field.name}"] = getattr(value, field.name)
    columns |= from_strings(_NAMES, WAIT_EVENTS)
    columns |= from_strings("events", trace.events)
    columns |= from_strings("strings", trace.strings)
    columns |= from_strings("comms", tuple(trace.comms.values()))
    columns["comms.tid"] = np.array(list(trace.comms), np.int32)
    columns |= {_EXTRA + name: column for name, column in extra.items()}
    npz.write(path, columns)


def load(path: Path) -> tuple[Trace, dict[str, Column]]:
    """Read a trace and its extra columns, by name.

    `TraceFileError` when the file is missing, damaged, foreign, of another schema, or contradicts itself.
    """
    try:
        columns = npz.read(path)
        _require_schema(columns)
        trace = Trace(
            events=to_strings(columns, "events"),
            samples=_group(columns, "samples", Samples),
            stacks=_group(columns, "stacks", Stacks),
            frames=_group(columns, "frames", Frames),
            strings=to_strings(columns, "strings"),
            switches=_group(columns, "switches", Switches),
            comms=_comms(columns),
            lost_samples=_lost(columns),
            wait_events=_wait_events(columns),
            locations=_group(columns, "locations", Locations) if _has(columns, "locations") else None,
        )
        extra = {
            name.removeprefix(_EXTRA): column for name, column in columns.items() if name.startswith(_EXTRA)
        }
        check(trace, extra)
    except OSError as error:
        raise TraceFileError(path, error.strerror or "can't be read") from error
    except ValueError as error:
        raise TraceFileError(path, str(error)) from error
    return trace, extra


def _require_schema(columns: Mapping[str, Column]) -> None:
    if "schema" not in columns:
        raise ValueError("not a trace of ortprof")
    schema = columns["schema"].tobytes()
    if schema != SCHEMA.encode():
        raise ValueError(
            f"its schema is {schema[:40].decode(errors='replace')!r}, this version reads {SCHEMA!r}"
        )


def _group(columns: Mapping[str, Column], group: str, kind: type[Group]) -> Group:
    values: dict[str, Any] = {
        field.name: take(columns, f"{group}.{field.name}", _TYPES.get(field.name, "<i4"))
        for field in dataclasses.fields(kind)
    }
    return kind(**values)


def _wait_events(columns: Mapping[str, Column]) -> WaitEvents:
    """Read wait events by their names in the file; files from before these were recorded have no columns.

    `ValueError` where there is an event that this version does not know.
    """
    if not _has(columns, "wait_events"):
        return no_wait_events()
    read = _group(columns, "wait_events", WaitEvents)
    named = f"{_NAMES}.text" in columns
    names = to_strings(columns, _NAMES) if named else _UNNAMED_WAIT_EVENTS
    require_indices("wait_events.event", read.event, len(names), lowest=0)
    used = {names[index] for index in np.unique(read.event).tolist()}
    if not used.issubset(WAIT_EVENTS):
        raise ValueError(f"it has wait events of unknown names: {sorted(used.difference(WAIT_EVENTS))}")
    place = np.array(
        [WAIT_EVENTS.index(name) if name in used else NONE for name in names] or [NONE], np.int32
    )
    return dataclasses.replace(read, event=place[read.event])


def _has(columns: Mapping[str, Column], group: str) -> bool:
    return any(name.startswith(f"{group}.") for name in columns)


def _comms(columns: Mapping[str, Column]) -> dict[int, str]:
    names = to_strings(columns, "comms")
    tids = take(columns, "comms.tid", "<i4").tolist()
    if len(set(tids)) != len(names) or len(tids) != len(names):
        raise ValueError("thread names and thread ids don't match")
    return dict(zip(tids, names, strict=True))


def _lost(columns: Mapping[str, Column]) -> int:
    lost = take(columns, "lost_samples", "<i8")
    if lost.size != 1 or not 0 <= lost[0] <= MOST:
        raise ValueError("the number of lost samples is not one number")
    return int(lost[0])
