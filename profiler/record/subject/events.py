"""What the workload says, as types: one JSON object a line (the protocol stands in `profiler/workload`).

The interpreter is the user's, so what comes may be anything: nothing is believed before it has a type.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from profiler.run.ranges import AnyClock, Count, Nanoseconds, ThreadId

Version = Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+[0-9A-Za-z.+-]*$", max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=1 << 16)]


class _Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Anything that it says; `event` tells which."""


class Hello(_Event, frozen=True, tag="hello"):
    """ONNX Runtime is imported."""

    pid: ThreadId
    python: Version
    ort_version: Version
    ort_library: Text


class Ready(_Event, frozen=True, tag="ready"):
    """The session is open, and one inference went through."""

    calling_tid: ThreadId
    pool_tids: list[ThreadId]
    inputs: list[dict[str, Any]]
    first_inference_ns: Nanoseconds


class Started(_Event, frozen=True, tag="started"):
    """A phase begins."""

    phase: Text
    start_ns: Nanoseconds


class Served(_Event, frozen=True, tag="requests"):
    """Requests ended: scheduled, start and end (CLOCK_MONOTONIC), CPU time, CPU clock at the start; ns."""

    phase: Text
    rows: list[tuple[Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds]]

    def __post_init__(self) -> None:
        for scheduled, start, end, *_ in self.rows:
            if not scheduled <= start <= end:
                raise ValueError(
                    f"a request of the {self.phase} phase starts before its time, or ends before its start"
                )


class Done(_Event, frozen=True, tag="done"):
    """A phase ended."""

    phase: Text
    end_ns: Nanoseconds
    stopped: bool
    unserved: Count


class Profiled(_Event, frozen=True, tag="profile"):
    """ONNX Runtime wrote what its profiler saw."""

    path: Text
    start_ns: AnyClock
    """Of the clock that ONNX Runtime's profiler reads: which, only comparing with both others tells."""
    realtime_ns: AnyClock
    monotonic_ns: Nanoseconds


class Failed(_Event, frozen=True, tag="error"):
    """Something failed, and it exits."""

    stage: Text
    message: Text


Event = Hello | Ready | Started | Served | Done | Profiled | Failed
DECODER = msgspec.json.Decoder(Event)
