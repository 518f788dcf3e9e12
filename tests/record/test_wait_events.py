from __future__ import annotations

from pathlib import Path

import pytest

from profiler.record.perf import record_command
from profiler.record.wait_cost import GOAL, Pace, added_share, pace_before
from profiler.record.wait_events import (
    MAX_SWITCHES_A_SECOND,
    OBSERVED_BY,
    RICHEST_FIRST,
    Recorded,
    plan,
)
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters, Snapshot, ThreadCounters
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAIT_EVENTS, WAKING


def everything(_event: str) -> bool:
    return True


def nothing(_event: str) -> bool:
    return False


SLOW = Pace(switches=100, cpus=1.0)


def how(scope: Scope = Scope.CPUS, *, seconds: float = 10, needed: frozenset[str] = frozenset()) -> Recorded:
    return Recorded(scope, 997, 8192, seconds, needed)


@pytest.mark.parametrize("asked", [Waits.AUTO, Waits.TRACE])
def test_all_that_is_allowed_is_recorded(asked: Waits) -> None:
    made = plan(asked, SLOW, how(), everything)
    assert (made.waits, made.events, made.doubts) == (Waits.TRACE, WAIT_EVENTS, ())
    made = plan(asked, None, how(), lambda event: event == SWITCH_OUT)
    assert (made.waits, made.events) == (Waits.TRACE, (SWITCH_OUT,))
    assert [WAKING in doubt.why or FUTEX_ENTER in doubt.why for doubt in made.doubts] == [True, True]
    made = plan(asked, None, how(), nothing)
    assert (made.waits, made.events) == (Waits.SWITCHES, ())
    assert all(doubt.hint for doubt in made.doubts)
    assert len(made.doubts) == len(WAIT_EVENTS)


@pytest.mark.parametrize("asked", [Waits.SWITCHES, Waits.OFF])
def test_what_was_not_asked_for_is_not_missing(asked: Waits) -> None:
    made = plan(asked, Pace(1e9, 1.0), how(), everything)
    assert (made.waits, made.events, made.doubts, made.reason) == (asked, (), (), "as asked for")


@pytest.mark.parametrize(("rate", "seconds"), [(MAX_SWITCHES_A_SECOND + 1, 1), (5000, 90)])
def test_tracing_that_would_drown_the_run_is_off(rate: float, seconds: float) -> None:
    made = plan(Waits.TRACE, Pace(rate, 1.0), how(seconds=seconds), everything)
    assert (made.waits, made.events) == (Waits.SWITCHES, ())
    assert f"{rate:,.0f} context switches a second" in made.doubts[0].why
    assert made.reason == made.doubts[0].why


def test_auto_takes_the_richest_that_stays_under_the_goal() -> None:
    rates = range(0, 10_000, 50)
    chosen = [plan(Waits.AUTO, Pace(rate, 0.5), how(), everything) for rate in rates]
    for rate, made in zip(rates, chosen, strict=True):
        place = RICHEST_FIRST.index(made.events)
        assert not made.events or added_share(Pace(rate, 0.5), Scope.CPUS, made.events, 997) <= GOAL
        richer = RICHEST_FIRST[:place]
        assert all(added_share(Pace(rate, 0.5), Scope.CPUS, events, 997) > GOAL for events in richer)
    assert (chosen[0].events, chosen[-1].events) == (WAIT_EVENTS, ())
    assert chosen[-1].waits is Waits.SWITCHES
    assert len({made.events for made in chosen}) > 2


def test_what_auto_leaves_out_is_told_with_its_cost() -> None:
    busy = Pace(1500, 0.18)
    made = plan(Waits.AUTO, busy, how(), everything)
    assert made.waits is Waits.SWITCHES
    (doubt,) = made.doubts
    assert doubt.what == "call chains of waits, wake-ups and futex calls"
    assert doubt.why == made.reason
    richest = 100 * added_share(busy, Scope.CPUS, WAIT_EVENTS, 997)
    assert "1,500 context switches a second" in made.reason
    assert f"it would be {richest:.1f} %: at most 5 % is the goal" in made.reason
    assert "--waits trace" in doubt.hint
    slow = plan(Waits.AUTO, SLOW, how(), everything)
    assert slow.reason.endswith("to the CPU time")
    task = plan(Waits.AUTO, busy, how(Scope.PROCESS), nothing)
    assert task.reason.endswith("more than the goal of 5 %, but less would not tell of waits")
    assert plan(Waits.TRACE, busy, how(), everything).events == WAIT_EVENTS


def test_auto_chooses_among_what_is_allowed_and_keeps_what_is_needed() -> None:
    busy = Pace(9000, 0.2)
    made = plan(Waits.AUTO, busy, how(needed=OBSERVED_BY), everything)
    assert made.events == (SWITCH_OUT, WAKING)
    assert made.reason.endswith("more than the goal of 5 %, but less would not tell of pools and requests")
    made = plan(Waits.AUTO, SLOW, how(), lambda event: event == WAKING)
    assert made.events == (WAKING,)
    assert len(made.doubts) == 2


def test_in_a_task_a_switch_costs_more() -> None:
    pace = Pace(1000, 0.5)
    assert added_share(pace, Scope.PROCESS, (), 997) > added_share(pace, Scope.CPUS, (), 997)
    assert added_share(Pace(10, 0.0), Scope.CPUS, WAIT_EVENTS, 997) < GOAL  # nothing ran: nothing to add to


def test_the_pace_is_of_the_undisturbed_phase() -> None:
    def counters(switches: int) -> PhaseCounters:
        return PhaseCounters(
            Snapshot(0, 0, {1: ThreadCounters("", 0, 0, 0, 0)}),
            Snapshot(2_000_000_000, 1_000_000_000, {1: ThreadCounters("", 0, 0, switches, switches)}),
        )

    assert pace_before({"warmup": counters(10), "measure": counters(20)}) == Pace(20, 0.5)
    assert pace_before({"warmup": counters(10)}) == Pace(10, 0.5)
    assert pace_before({}) is None


def command(waits: Waits, events: tuple[str, ...] = (), event: str = "cpu-clock") -> str:
    settings = PerfSettings(event, 997, 8192, "6.1", waits, list(events))
    return " ".join(record_command(settings, [7], Path("perf.data"), None))


def test_command_lines() -> None:
    assert " -e cpu-clock:u -F 997 " in command(Waits.SWITCHES, event="cpu-clock:u")
    assert "--switch-events" in command(Waits.SWITCHES)
    assert "--switch-events" not in command(Waits.OFF)
    traced = command(Waits.TRACE, WAIT_EVENTS)
    assert " -F " not in traced
    assert traced.count(" -e ") == 4
    assert " -e cpu-clock/freq=997,name=cpu-clock/ " in traced
    assert f" -e {SWITCH_OUT}/period=1,name={SWITCH_OUT},call-graph=dwarf,stack-size=4096/ " in traced
    assert f" -e {WAKING}/call-graph=no/ -e {FUTEX_ENTER}/call-graph=no/ " in traced
    assert " --call-graph dwarf,8192 " in traced
    assert " -e cpu-clock/freq=997,name=cpu-clock:u/u " in command(Waits.TRACE, WAIT_EVENTS, "cpu-clock:u")
