"""Sections of time off the CPU: waits, wake-ups, futex calls, how long pools poll after a request."""

from __future__ import annotations

import msgspec

from profiler.run.kinds import Role, Wait
from profiler.run.ranges import Count, Milliseconds, Number, require_each
from profiler.spec.waits import Waits


class RoleWaits(msgspec.Struct, frozen=True):
    """Time off the CPU of one role's threads, while a request was in flight and while none was."""

    in_request: dict[Wait, Milliseconds]
    idle: dict[Wait, Milliseconds]

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind of wait."""
        require_each("in_request", self.in_request, Wait)
        require_each("idle", self.idle, Wait)


class WaitingChain(msgspec.Struct, frozen=True):
    """One call chain of waits."""

    kind: Wait
    role: Role
    in_request: bool
    ms: Milliseconds
    count: Count
    functions: list[str]
    """Leaf first."""


class WakeUps(msgspec.Struct, frozen=True):
    """From a wake-up to running, in milliseconds, over all requests."""

    count: Count
    p50: Milliseconds | None
    p95: Milliseconds | None
    max: Milliseconds | None


class FutexFigures(msgspec.Struct, frozen=True):
    """Figures a request (its start to its end), of the calling thread and the pool; None without requests.

    Wake-ups by timers and by other processes are not seen.
    """

    wait_calls: Number | None
    """Futex calls of all threads, as `wake_calls`; None where these were not recorded."""
    wake_calls: Number | None
    blocked: Number | None
    """Times that a thread left the CPU for a futex."""
    switches: Number | None
    """Times that a thread left the CPU at all."""
    cpu_ms: Milliseconds | None
    """CPU time of the futex path, by samples."""
    wakeup_latency_ms: WakeUps | None
    """None where wake-ups were not recorded."""


class WaitFigures(msgspec.Struct, frozen=True):
    """`waits`: thread time off the CPU in the profile phase, all threads together."""

    recorded: Waits
    by_kind: dict[Wait, Milliseconds]
    by_role: dict[Role, RoleWaits]
    cpu_check: Number | None
    """CPU time of the phase by switches over the same by the kernel's clock; what is missing of 1 is the
    scheduler's and perf's work between a switch and its record."""
    unknown_ms: Milliseconds
    """Between switches of which a record is missing."""
    runnable_counted_ms: Milliseconds
    """Time ready without a CPU as the scheduler counts it (schedstat), which holds the wake-ups too where
    these were not traced."""
    chains: list[WaitingChain]
    """The longest waits."""
    futex: FutexFigures

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind of wait or a role."""
        require_each("by_kind", self.by_kind, Wait)
        require_each("by_role", self.by_role, Role)


class SpinWindowFigures(msgspec.Struct, frozen=True):
    """`spin_window_ms`: wall time from a request's end until the pool's thread blocked that polled longest.

    Of a thread that waited for a CPU at that end, it counts from when it got one.
    Of the pools that spin, where some do and others do not.
    """

    p50: Milliseconds
    max: Milliseconds
    requests: Count
    """How many such ends there were: requests that overlap have one, and one that either of two pools may
    have served has one with each."""
    cut_off: Count
    """How many of these windows ended only because the next request began: they are lower bounds."""
