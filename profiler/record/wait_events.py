"""What a recording can afford to watch of waits: decided from the machine's permissions and the workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.record import capabilities
from profiler.record.perf import SWITCH_STACK_BYTES
from profiler.run.doubt import Doubt
from profiler.spec.waits import Waits
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.run.phase_counters import PhaseCounters

MAX_SWITCHES_A_SECOND = 10_000
"""More context switches than this are not traced: each costs some 10 us, so that the process's CPU time would
grow by a tenth of a core and more."""
MAX_TRACE_BYTES = 1 << 30
"""Nor is what would make perf.data grow by more than this."""
RECORD_BYTES = 1024
"""What a switch takes in perf.data beside its stack: its records, of a wake-up, and of futex calls."""

NEEDS = {
    SWITCH_OUT: "the call chains of waits",
    WAKING: "who wakes whom, and how long a woken thread takes to run",
    FUTEX_ENTER: "the number of futex calls",
}
TRACEFS_HINT = (
    "as root: mount -t tracefs nodev /sys/kernel/tracing; or give perf CAP_PERFMON and read access to it"
)


@dataclass(frozen=True, slots=True)
class WaitPlan:
    """What to record of waits."""

    waits: Waits
    """Never `AUTO`."""
    events: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    """What will be missing, and why."""


def switch_rate(phases: dict[str, PhaseCounters]) -> float | None:
    """Return context switches a second of the whole process as it ran undisturbed; None if it did not."""
    for name in ("measure", "warmup"):
        counters = phases.get(name)
        if counters is not None and counters.seconds > 0:
            return sum(counters.thread_switches().values()) / counters.seconds
    return None


def plan(
    asked: Waits,
    rate: float | None,
    seconds: float,
    stack_bytes: int,
    allowed: Callable[[str], bool] = capabilities.event_records,
) -> WaitPlan:
    """Decide what to record. `rate`: context switches a second, None if unknown; `seconds`: of recording.

    `allowed` says whether perf can record an event here.
    """
    if asked in (Waits.OFF, Waits.SWITCHES):
        return WaitPlan(asked)
    drowned = _drowns(rate, seconds, stack_bytes)
    if drowned:
        hint = "lower --rate or --profile; `--waits switches` records times without call chains"
        return WaitPlan(Waits.SWITCHES, doubts=(Doubt("call chains of waits", drowned, hint),))
    events = tuple(event for event in NEEDS if allowed(event))
    doubts = tuple(
        Doubt(what, f"perf may not record {event} here", _hint(event))
        for event, what in NEEDS.items()
        if event not in events
    )
    return WaitPlan(Waits.TRACE if events else Waits.SWITCHES, events, doubts)


def _hint(event: str) -> str:
    return capabilities.PERMISSION_HINT if event == SWITCH_OUT else TRACEFS_HINT


def _drowns(rate: float | None, seconds: float, stack_bytes: int) -> str:
    """Say why tracing would drown the run; empty if it would not, or nobody knows."""
    if rate is None:
        return ""
    if rate > MAX_SWITCHES_A_SECOND:
        return f"{rate:,.0f} context switches a second are too many to trace without changing the run"
    size = rate * (min(stack_bytes, SWITCH_STACK_BYTES) + RECORD_BYTES) * seconds
    if size > MAX_TRACE_BYTES:
        return f"{rate:,.0f} context switches a second would make {size / 1e9:.1f} GB of call chains"
    return ""
