"""What futexes did while requests were in flight: calls, blocking waits, wake-up latencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.cpu.attribute import inside
from profiler.run.kinds import ROLES, WAITS, Role, Wait
from profiler.trace.model import FUTEX_ENTER, NONE, WAIT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.run.request import Request
    from profiler.trace.model import Trace


COMMAND = 0x7F
"""The operation without its flags (linux/futex.h: FUTEX_PRIVATE_FLAG 128, FUTEX_CLOCK_REALTIME 256)."""
WAIT_COMMANDS = (0, 9, 11, 6, 13)
"""FUTEX_WAIT, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI, LOCK_PI2."""
WAKE_COMMANDS = (1, 10, 5, 3, 4, 7, 12)
"""FUTEX_WAKE, WAKE_BITSET, WAKE_OP, REQUEUE, CMP_REQUEUE, UNLOCK_PI, CMP_REQUEUE_PI."""


@dataclass(frozen=True, slots=True)
class FutexUse:
    """Of all requests together, and of all threads unless it says otherwise."""

    wait_calls: int | None
    """Calls that ask to wait, those that returned at once included. None where calls were not recorded."""
    wake_calls: int | None
    """Calls that wake, those that found nobody included. None likewise."""
    blocked: int
    """Times that a thread of the session left its CPU for a futex."""
    switches: int
    """Context switches of the session's threads: each time that one left a CPU."""
    latencies_ns: Column
    """From each wake-up of a blocked thread of the session to its running, ascending; empty where wake-ups
    were not recorded."""


def futex_use(
    trace: Trace, waits: ClassifiedWaits, requests: Sequence[Request], *, calls_recorded: bool
) -> FutexUse:
    """Count what began within requests. The session's threads are the calling thread and the pool's."""
    off = waits.off
    ours = (waits.role != ROLES.index(Role.OTHER)) & ~off.gap
    futex = ours & (waits.kind == WAITS.index(Wait.FUTEX))
    began_inside = waits.in_request
    woken_inside = inside(off.woken_ns, requests)
    measured = futex & woken_inside & (off.woken_ns != NONE) & off.ended
    events = trace.wait_events
    calls = (events.event == WAIT_EVENTS.index(FUTEX_ENTER)) & inside(events.time_ns, requests)
    commands = events.argument[calls] & COMMAND
    return FutexUse(
        wait_calls=int(np.isin(commands, WAIT_COMMANDS).sum()) if calls_recorded else None,
        wake_calls=int(np.isin(commands, WAKE_COMMANDS).sum()) if calls_recorded else None,
        blocked=int((futex & began_inside).sum()),
        switches=int((ours & began_inside).sum()),
        latencies_ns=np.sort(off.end_ns[measured] - off.woken_ns[measured]),
    )
