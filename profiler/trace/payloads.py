"""What the tracepoints among the wait events carry, as `perf script -F +trace` prints it.

A payload is the tracepoint's `print fmt` (its `format` file in tracefs), after the event's name. Nothing in
it is quoted, and a comm may hold anything, line breaks included: numbers are found by what stands at the
payload's ends, which a comm of 15 bytes is too short to forge.
"""

from __future__ import annotations

import re

from profiler.trace.model import FUTEX_ENTER, NONE, WAKING

_WAKING = re.compile(
    rb"comm=.*? pid=(\d{1,9}) prio=-?\d{1,9}(?: success=\d)? target_cpu=\d{1,9}\s*$", re.DOTALL
)
_FUTEX = re.compile(rb"uaddr: 0x[0-9a-f]{1,16}, op: 0x([0-9a-f]{1,8})\b")
_WAKING_NAME = WAKING.encode()
_MAX_WAKING = 128
"""No payload of a wake-up is longer, comm and numbers included."""


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
        and len(payload) < _MAX_WAKING
        and _WAKING.match(payload) is None
    )
