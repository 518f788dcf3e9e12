from __future__ import annotations

from pathlib import Path

import pytest

from profiler.record.perf import record_command
from profiler.record.wait_events import MAX_SWITCHES_A_SECOND, plan, switch_rate
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters, Snapshot, ThreadCounters
from profiler.spec.waits import Waits
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAIT_EVENTS, WAKING


def everything(_event: str) -> bool:
    return True


def nothing(_event: str) -> bool:
    return False


@pytest.mark.parametrize("asked", [Waits.AUTO, Waits.TRACE])
def test_all_that_is_allowed_is_recorded(asked: Waits) -> None:
    made = plan(asked, 100, 10, 8192, everything)
    assert (made.waits, made.events, made.doubts) == (Waits.TRACE, WAIT_EVENTS, ())
    made = plan(asked, None, 10, 8192, lambda event: event == SWITCH_OUT)
    assert (made.waits, made.events) == (Waits.TRACE, (SWITCH_OUT,))
    assert [WAKING in doubt.why or FUTEX_ENTER in doubt.why for doubt in made.doubts] == [True, True]
    made = plan(asked, None, 10, 8192, nothing)
    assert (made.waits, made.events) == (Waits.SWITCHES, ())
    assert all(doubt.hint for doubt in made.doubts)
    assert len(made.doubts) == len(WAIT_EVENTS)


@pytest.mark.parametrize("asked", [Waits.SWITCHES, Waits.OFF])
def test_what_was_not_asked_for_is_not_missing(asked: Waits) -> None:
    made = plan(asked, 1e9, 10, 8192, everything)
    assert (made.waits, made.events, made.doubts) == (asked, (), ())


@pytest.mark.parametrize(("rate", "seconds"), [(MAX_SWITCHES_A_SECOND + 1, 1), (5000, 90)])
def test_tracing_that_would_drown_the_run_is_off(rate: float, seconds: float) -> None:
    made = plan(Waits.TRACE, rate, seconds, 8192, everything)
    assert (made.waits, made.events) == (Waits.SWITCHES, ())
    assert f"{rate:,.0f} context switches a second" in made.doubts[0].why


def test_the_rate_is_of_the_undisturbed_phase() -> None:
    def counters(switches: int) -> PhaseCounters:
        return PhaseCounters(
            Snapshot(0, 0, {1: ThreadCounters("", 0, 0, 0, 0)}),
            Snapshot(2_000_000_000, 0, {1: ThreadCounters("", 0, 0, switches, switches)}),
        )

    assert switch_rate({"warmup": counters(10), "measure": counters(20)}) == 20
    assert switch_rate({"warmup": counters(10)}) == 10
    assert switch_rate({}) is None


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
