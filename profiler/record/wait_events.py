"""What a recording can afford to watch of waits: decided from the machine's permissions and the workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings.formats import listed
from profiler.record import capabilities
from profiler.record.stack_size import SWITCH_STACK_BYTES
from profiler.record.wait_cost import GOAL, added_share
from profiler.run.doubt import Doubt
from profiler.spec.waits import Waits
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from profiler.record.wait_cost import Pace
    from profiler.spec.scope import Scope

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
SHORT = {SWITCH_OUT: "call chains of waits", WAKING: "wake-ups", FUTEX_ENTER: "futex calls"}
RICHEST_FIRST = (
    (SWITCH_OUT, WAKING, FUTEX_ENTER),
    (SWITCH_OUT, WAKING),
    (SWITCH_OUT,),
    (WAKING, FUTEX_ENTER),
    (WAKING,),
    (),
)
"""What `auto` chooses from. Where a thread waits says most, how many futex calls it made least."""
OBSERVED_BY = frozenset({SWITCH_OUT, WAKING})
"""What pools and requests of processes that nobody told us of are found by."""
ASKED = "as asked for"
TRACE_HINT = "`--waits trace` records them nonetheless; a lower --rate or --frequency leaves room for more"
TRACEFS_HINT = (
    "as root: mount -t tracefs nodev /sys/kernel/tracing; or give perf CAP_PERFMON and read access to it"
)


@dataclass(frozen=True, slots=True)
class WaitPlan:
    """What to record of waits."""

    waits: Waits
    """Never `AUTO`."""
    events: tuple[str, ...] = ()
    reason: str = ""
    """Why this much."""
    doubts: tuple[Doubt, ...] = ()
    """What will be missing, and why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How perf is going to record."""

    scope: Scope
    """Never `AUTO`."""
    frequency_hz: int
    stack_bytes: int
    seconds: float
    needed: frozenset[str] = frozenset()
    """Events that `auto` does not do without."""


def plan(
    asked: Waits,
    pace: Pace | None,
    recorded: Recorded,
    allowed: Callable[[str], bool] = capabilities.event_records,
) -> WaitPlan:
    """Decide what to record. `pace`: how the workload ran undisturbed, None if unknown.

    `allowed` says whether perf can record an event here.
    """
    if asked in (Waits.OFF, Waits.SWITCHES):
        return WaitPlan(asked, reason=ASKED)
    drowned = "" if pace is None else _drowns(pace.switches, recorded.seconds, recorded.stack_bytes)
    if drowned:
        hint = "lower --rate or --profile; `--waits switches` records times without call chains"
        return WaitPlan(Waits.SWITCHES, (), drowned, (Doubt("call chains of waits", drowned, hint),))
    possible = tuple(event for event in NEEDS if allowed(event))
    forbidden = tuple(
        Doubt(what, f"perf may not record {event} here", _hint(event))
        for event, what in NEEDS.items()
        if event not in possible
    )
    if asked is Waits.TRACE:
        return _made(possible, ASKED, forbidden)
    if pace is None:
        return _made(possible, "how often threads switch was not known before", forbidden)
    events, reason = _affordable(possible, pace, recorded)
    left_out = [event for event in possible if event not in events]
    doubts = (Doubt(_named(left_out), reason, TRACE_HINT),) if left_out else ()
    return _made(events, reason, (*forbidden, *doubts))


def _made(events: tuple[str, ...], reason: str, doubts: tuple[Doubt, ...]) -> WaitPlan:
    return WaitPlan(Waits.TRACE if events else Waits.SWITCHES, events, reason, doubts)


def _affordable(possible: Sequence[str], pace: Pace, recorded: Recorded) -> tuple[tuple[str, ...], str]:
    """Return the richest choice that is estimated to stay under the goal, and why this one."""

    def share(events: Collection[str]) -> float:
        return added_share(pace, recorded.scope, events, recorded.frequency_hz)

    needed = recorded.needed & set(possible)
    choices = [events for events in RICHEST_FIRST if needed <= set(events) <= set(possible)]
    richest, least = choices[0], choices[-1]
    chosen = next((events for events in choices if share(events) <= GOAL), least)
    reason = (
        f"{pace.switches:,.0f} context switches a second make perf add about {_percent(share(chosen))} "
        "to the CPU time"
    )
    if chosen != richest:
        left_out = _named([event for event in richest if event not in chosen])
        reason += f", with {left_out} it would be {_percent(share(richest))}"
    if share(chosen) > GOAL:
        without = "pools and requests" if needed else "waits"
        return (
            chosen,
            f"{reason}: more than the goal of {100 * GOAL:g} %, but less would not tell of {without}",
        )
    return chosen, reason if chosen == richest else f"{reason}: at most {100 * GOAL:g} % is the goal"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _named(events: Sequence[str]) -> str:
    return listed([SHORT[event] for event in events])


def _hint(event: str) -> str:
    return capabilities.PERMISSION_HINT if event == SWITCH_OUT else TRACEFS_HINT


def _drowns(rate: float, seconds: float, stack_bytes: int) -> str:
    """Say why tracing would drown the run; empty if it would not. `rate`: context switches a second."""
    if rate > MAX_SWITCHES_A_SECOND:
        return f"{rate:,.0f} context switches a second are too many to trace without changing the run"
    size = rate * (min(stack_bytes, SWITCH_STACK_BYTES) + RECORD_BYTES) * seconds
    if size > MAX_TRACE_BYTES:
        return f"{rate:,.0f} context switches a second would make {size / 1e9:.1f} GB of call chains"
    return ""
