"""What the workload says, as types: one JSON object a line (the protocol stands in `profiler/workload`).

The interpreter is the user's, so what comes may be anything: nothing is believed before it has a type.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from profiler.run.fed import Fed
from profiler.run.processes import PoolRole
from profiler.run.ranges import AnyClock, Count, Nanoseconds, ThreadId

Version = Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+[0-9A-Za-z.+-]*$", max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=1 << 16)]


class _Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Anything that it says; `event` tells which."""


class OpenedPool(msgspec.Struct, frozen=True):
    """Threads that a session, or the environment, created."""

    role: PoolRole
    tids: list[ThreadId]


class OpenedSession(msgspec.Struct, frozen=True):
    """A session that is open."""

    callers: Annotated[list[ThreadId], msgspec.Meta(min_length=1)]
    pools: list[OpenedPool]
    """Its own."""
    inputs: Fed
    first_inference_ns: Nanoseconds


class Hello(_Event, frozen=True, tag="hello"):
    """ONNX Runtime is imported."""

    pid: ThreadId
    python: Version
    ort_version: Version
    ort_library: Text
    providers: list[Text] = []
    """Execution providers that it was built with."""


class Ready(_Event, frozen=True, tag="ready"):
    """The sessions are open, and one inference of each went through."""

    pools: list[OpenedPool]
    """Of the process, which all sessions share."""
    sessions: Annotated[list[OpenedSession], msgspec.Meta(min_length=1)]


class Started(_Event, frozen=True, tag="started"):
    """A phase begins."""

    phase: Text
    start_ns: Nanoseconds


class ServedRow(NamedTuple):
    """A request that ended; times are CLOCK_MONOTONIC."""

    scheduled_ns: Nanoseconds
    start_ns: Nanoseconds
    end_ns: Nanoseconds
    cpu_ns: Nanoseconds
    cpu_clock_ns: Nanoseconds
    """The process's CPU clock at the start."""
    caller: Count
    """Which one made it, counted over all sessions."""
    fed: Count
    """Which of its session's sets of inputs."""


class Served(_Event, frozen=True, tag="requests"):
    """Requests ended."""

    phase: Text
    rows: list[ServedRow]

    def __post_init__(self) -> None:
        for row in self.rows:
            if not row.scheduled_ns <= row.start_ns <= row.end_ns:
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
