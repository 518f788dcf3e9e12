"""What perf calls the events that happen as threads wait, beside our own names of them."""

from __future__ import annotations

from profiler.trace.model import FUTEX_ENTER, SCHED_SWITCH, SWITCH_OUT, WAKING

WAIT_NAMES = {
    SWITCH_OUT: SWITCH_OUT,
    "cs": SWITCH_OUT,
    SCHED_SWITCH: SWITCH_OUT,
    WAKING: WAKING,
    "sched:sched_wakeup": WAKING,  # who wakes is the same, when it happens is a moment later
    FUTEX_ENTER: FUTEX_ENTER,
}
"""Which of `WAIT_EVENTS` an event is."""
