from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record import capabilities, scope
from profiler.record.counters import process_cpu_ns
from profiler.record.limit import usable_cpus
from profiler.spec.scope import Scope

from .burner import Burner

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.record.scope import ScopePlan


BUSY_CPU = 16_000_000.0
"""Bytes a second, of samples of one busy CPU."""
STAT = """\
cpu  100 10 100 1000 100 1 2 50 60 70
cpu0 60 6 50 500 50 1 0 20 30 40
cpu1 40 4 50 500 50 0 2 30 30 30
cpu10 7 0 0 0 0 0 0 0 0 0
intr 1 2
"""


def plan(asked: Scope, *, others: float = 0.04, allowed: bool = True) -> ScopePlan:
    return scope.plan(asked, {1, 0}, lambda: others, BUSY_CPU, lambda: allowed)


def test_whole_cpus_where_perf_may_and_others_leave_them_alone() -> None:
    made = plan(Scope.AUTO)
    assert (made.scope, made.cpus, made.others) == (Scope.CPUS, (0, 1), 0.04)
    assert made.reason == "perf may watch whole CPUs here, and other processes keep 0.0 of 2 CPUs busy"


def test_the_process_where_others_would_fill_the_recording() -> None:
    made = plan(Scope.AUTO, others=1.5)
    assert (made.scope, made.cpus, made.others) == (Scope.PROCESS, (), 0.0)
    assert made.reason == "other processes keep 1.5 of 2 CPUs busy, and would be sampled as well"


def test_the_process_where_perf_may_not_watch_cpus() -> None:
    made = plan(Scope.AUTO, allowed=False)
    assert (made.scope, made.reason) == (Scope.PROCESS, "perf may not watch whole CPUs here")


@pytest.mark.parametrize("asked", [Scope.CPUS, Scope.PROCESS])
def test_what_was_asked_for_is_done(asked: Scope) -> None:
    made = plan(asked, others=2.0, allowed=False)
    assert (made.scope, made.reason) == (asked, "as asked for")


def test_asking_for_cpus_that_perf_may_not_watch_fails_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capabilities, "watches_cpus", lambda _event: False)
    with pytest.raises(MachineError, match="--scope cpus: perf may not watch whole CPUs here") as caught:
        scope.require(Scope.CPUS)
    assert "perf_event_paranoid=0" in str(caught.value.hint)
    scope.require(Scope.AUTO)
    scope.require(Scope.PROCESS)


def test_what_cpus_ran_is_in_ticks_without_idle_guest_and_stolen_time(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text(STAT)
    assert scope.busy_ns([0], stat) == (60 + 6 + 50 + 1) * 10_000_000
    assert scope.busy_ns([0, 1], stat) == (60 + 6 + 50 + 1 + 40 + 4 + 50 + 2) * 10_000_000
    assert scope.busy_ns([7], stat) == 0


def test_what_the_process_itself_runs_is_nobody_elses(
    burner: Burner, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpus = usable_cpus.of_threads(burner.pid)
    assert cpus == os.sched_getaffinity(burner.pid)
    others_ns = 0
    monkeypatch.setattr(scope, "busy_ns", lambda _cpus: process_cpu_ns(burner.pid) + others_ns)
    meter, begin = scope.OthersMeter([burner.pid], cpus), time.monotonic_ns()
    burner.burn(50)
    assert meter.read() == 0
    others_ns = 10**9
    passed = time.monotonic_ns() - begin  # at least so much for the meter, which began before and reads after
    assert 0 < meter.read() <= 1e9 / passed


def test_cpus_of_a_process_that_is_gone(burner: Burner) -> None:
    burner.child.kill()
    burner.child.wait()
    with pytest.raises(ProcessLookupError):
        usable_cpus.of_threads(burner.pid)


def test_one_of_several_that_is_gone_is_left_out(burner: Burner, monkeypatch: pytest.MonkeyPatch) -> None:
    with Burner() as other:
        gone = other.pid
        both = scope.OthersMeter([burner.pid, gone], [0])
    with pytest.raises(ProcessLookupError):
        both.read()
    assert usable_cpus.of_threads(gone, burner.pid) == os.sched_getaffinity(burner.pid)
    monkeypatch.setattr(scope, "busy_ns", lambda _cpus: process_cpu_ns(burner.pid))
    assert scope.OthersMeter([gone, burner.pid], [0]).read() == 0


def test_looking_at_others_goes_on_without_one_that_ends_meanwhile(
    burner: Burner, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    with Burner() as ending:

        def end(seconds: float) -> None:
            naps.append(seconds)
            ending.child.kill()
            ending.child.wait()

        monkeypatch.setattr(time, "sleep", end)
        monkeypatch.setattr(scope, "busy_ns", lambda _cpus: process_cpu_ns(burner.pid))
        assert scope.look([ending.pid, burner.pid], [0]) == 0
    assert len(naps) == 2
