"""What the tracepoints among the wait events carry, as `perf script -F +trace` prints it.

A payload is the tracepoint's `print fmt` (its `format` file in tracefs), after the event's name. Nothing in
it is quoted, and a comm may hold anything, line breaks included: numbers are found by what stands at the
payload's ends, which a comm of 15 bytes is too short to forge.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from profiler.trace.model import FUTEX_ENTER, NONE, WAKING

_PRIORITY = rb" prio=-?\d{1,9}(?: success=\d)? target_cpu=\d{1,9}"
# Behind the payload of an event without chains perf prints the frame that it happened in.
_WAKING = re.compile(
    rb"comm=.*? pid=(\d{1,9})" + _PRIORITY + rb"(?: +[0-9a-f]{1,16} [^()]*\([^()]*\))?\s*$", re.DOTALL
)
_WAKING_ENDS = re.compile(_PRIORITY)
_FUTEX = re.compile(rb"uaddr: 0x[0-9a-f]{1,16}, op: 0x([0-9a-f]{1,8})\b")
_SWITCH = re.compile(
    rb"prev_comm=.*? prev_pid=(?P<left>\d{1,9}) prev_prio=-?\d{1,9} prev_state=(?P<state>\S+) ==> "
    rb"next_comm=.*? next_pid=(?P<entered>\d{1,9}) next_prio=-?\d{1,9}"
    # As perf's plugin for it prints: COMM:PID [PRIORITY] STATE ==> COMM:PID [PRIORITY]
    rb"|.*?:(?P<left_>\d{1,9}) \[-?\d{1,9}\] (?P<state_>\S+) ==> .*?:(?P<entered_>\d{1,9}) \[-?\d{1,9}\]",
    re.DOTALL,
)
_READY = b"R"
"""The state of a thread that was put off the CPU although it was ready to run (`TASK_RUNNING`)."""
_WAKING_NAME = WAKING.encode()
_MAX_COMM = len(b"comm=") + 16
"""Where a payload's first line, up to a line break in the comm, must end."""


class SchedSwitch(NamedTuple):
    """Who left the CPU and who has it now; 0 is the kernel's idle task."""

    left: int
    preempted: bool
    entered: int


def sched_switch(payload: bytes) -> SchedSwitch | None:
    """Read the payload of `SCHED_SWITCH`; None where it has another form."""
    match = _SWITCH.match(payload)
    if match is None:
        return None
    left, state, entered = (match[name] or match[f"{name}_"] for name in ("left", "state", "entered"))
    return SchedSwitch(int(left), state.startswith(_READY), int(entered))


def argument(event: str, payload: bytes) -> int:
    """Return what `WaitEvents.argument` holds of a payload; NONE where it has another form."""
    if event == WAKING:
        match = _WAKING.match(payload)
        return NONE if match is None else int(match[1])
    if event == FUTEX_ENTER:
        match = _FUTEX.match(payload)
        return NONE if match is None else int(match[1], 16)
    return NONE


def goes_on(event: bytes, payload: bytes) -> bool:
    """Whether the comm in a payload has a line break in it, so that the next line belongs to it."""
    return (
        event == _WAKING_NAME
        and payload.startswith(b"comm=")
        and len(payload) <= _MAX_COMM
        and _WAKING_ENDS.search(payload) is None
    )
