"""ONNX Runtime's own profile (`SessionOptions.enable_profiling`) as columns.

The file is Chrome's trace event format as a JSON array, an event a line, from 1.11 to 1.32 at least:
https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. Each line is decoded for
itself, because older versions do not escape the names of nodes, which then break their line alone. A node's
event is called `<node>_kernel_time`; up to 1.20 at least there are fences beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np

from profiler.errors import UsageError
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.arrays import Column


MAX_EVENTS = 1_000_000
"""Where ONNX Runtime itself stops recording (`max_num_events_` of its profiler)."""
LONGEST_NAME = 1000
"""Characters of a name that are kept."""
NODE_SUFFIX = "_kernel_time"
MODEL_RUN = "model_run"
US = 1000
"""Floats in the microseconds that the profiler counts in."""

Microseconds = Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]
Tid = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class OrtProfileError(UsageError):
    """A file is not a profile of ONNX Runtime."""


@dataclass(frozen=True, slots=True)
class OrtProfile:
    """Nodes that ran, and calls of `Run`, in order of their ends. Times count from the profiler's start."""

    node: Column
    """Index into `names` and `types`; it and the next four have a row an event."""
    tid: Column
    """The thread that ran the node."""
    start_ns: Column
    """Whole microseconds, rounded down; so is the next."""
    duration_ns: Column
    wait_ns: Column
    """What that thread waited for its workers (`thread_scheduling_stats`); NONE without a thread pool."""
    run_start_ns: Column
    """Begin of each call of `Run`."""
    run_duration_ns: Column
    names: tuple[str, ...]
    """Of distinct nodes of the optimised graph."""
    types: tuple[str, ...]
    """Operator type of each of `names`."""
    unread: int
    """Lines that are no JSON."""


class _Caller(msgspec.Struct):
    wait: Microseconds = msgspec.field(name="Wait", default=0)


class _Scheduling(msgspec.Struct):
    main_thread: _Caller | None = None


class _Arguments(msgspec.Struct):
    op_name: str = ""
    thread_scheduling_stats: _Scheduling | str = ""
    """An empty string without a thread pool."""


class _Event(msgspec.Struct):
    cat: str
    name: str
    ts: Microseconds
    dur: Microseconds
    tid: Tid
    args: _Arguments


def parse(lines: Iterable[bytes]) -> OrtProfile:
    """Read a profile's lines; `OrtProfileError` when they are nothing that ONNX Runtime writes.

    A file that was cut off is read up to there.
    """
    decode = msgspec.json.Decoder(_Event).decode
    nodes: dict[tuple[str, str], int] = {}
    rows: list[tuple[int, int, int, int, int]] = []
    runs: list[tuple[int, int]] = []
    unread = 0
    source = iter(lines)
    if next(source, b"").strip() != b"[":
        raise OrtProfileError("ONNX Runtime's profile does not begin as its versions up to 1.32 begin it")
    for line in source:
        text = line.strip().removesuffix(b",")
        if text in (b"", b"]"):
            continue
        try:
            event = decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            unread += 1
            continue
        if event.cat == "Session" and event.name == MODEL_RUN:
            runs.append((event.ts * US, event.dur * US))
        elif event.cat == "Node" and event.name.endswith(NODE_SUFFIX):
            name = event.name.removesuffix(NODE_SUFFIX)[:LONGEST_NAME], event.args.op_name[:LONGEST_NAME]
            node = nodes.setdefault(name, len(nodes))
            rows.append((node, event.tid, event.ts * US, event.dur * US, _wait_ns(event)))
        if len(rows) + len(runs) >= MAX_EVENTS:
            break
    columns = np.array(rows, np.int64).reshape(-1, 5)
    calls = np.array(runs, np.int64).reshape(-1, 2)
    return OrtProfile(
        node=columns[:, 0].astype(np.int32),
        tid=columns[:, 1].astype(np.int32),
        start_ns=columns[:, 2].copy(),
        duration_ns=columns[:, 3].copy(),
        wait_ns=columns[:, 4].copy(),
        run_start_ns=calls[:, 0].copy(),
        run_duration_ns=calls[:, 1].copy(),
        names=tuple(name for name, _ in nodes),
        types=tuple(kind for _, kind in nodes),
        unread=unread,
    )


def _wait_ns(event: _Event) -> int:
    stats = event.args.thread_scheduling_stats
    if isinstance(stats, str) or stats.main_thread is None:
        return NONE
    return stats.main_thread.wait * US
