from __future__ import annotations

import os
import time
from dataclasses import dataclass

from profiler.record.watch import INTERVAL_NS, PhaseWatch
from profiler.run.request import Request

from .burner import Burner
from .monitors import Remembering


@dataclass(frozen=True)
class Clocks:
    """This process's wall and CPU clock, read between two moments of a test."""

    wall_ns: int
    cpu_ns: int


def read_clocks() -> Clocks:
    return Clocks(time.monotonic_ns(), time.process_time_ns())


def burn_an_interval() -> None:
    end = time.monotonic_ns() + INTERVAL_NS
    while time.monotonic_ns() < end:
        pass


def test_a_tick_says_how_the_phase_goes() -> None:
    monitor = Remembering()
    before = read_clocks()
    watch = PhaseWatch(monitor, "measure", 5.0, os.getpid())
    started = read_clocks()
    watch.saw([Request("measure", 0, 0, 1_000_000, 0), Request("measure", 0, 1_000_000, 3_500_000, 0)])
    watch.saw([Request("measure", 0, 0, 7_000_000, 0)])
    burn_an_interval()
    ending = read_clocks()
    watch.tick()
    after = read_clocks()
    [tick] = monitor.ticks
    assert (tick.phase, tick.phase_seconds, tick.requests, tick.last_latency_ms) == ("measure", 5.0, 3, 7.0)
    # However long other programs keep us from the CPU in between, its readings lie between ours.
    shortest, longest = ending.wall_ns - started.wall_ns, after.wall_ns - before.wall_ns
    least, most = ending.cpu_ns - started.cpu_ns, after.cpu_ns - before.cpu_ns
    assert INTERVAL_NS <= shortest <= tick.elapsed_seconds * 1e9 <= longest
    assert least / longest <= tick.cpu_percent / 100 <= most / shortest


def test_no_request_is_no_news() -> None:
    PhaseWatch(Remembering(), "profile", 5.0, os.getpid()).saw([])


def test_ticks_come_no_faster_than_the_interval() -> None:
    monitor = Remembering()
    begin = time.monotonic_ns()
    watch = PhaseWatch(monitor, "measure", 5.0, os.getpid())
    while time.monotonic_ns() < begin + 2 * INTERVAL_NS:
        watch.tick()
    watch.tick()
    assert 1 <= len(monitor.ticks) <= (time.monotonic_ns() - begin) // INTERVAL_NS
    assert monitor.ticks[0].last_latency_ms is None


def test_cpu_use_counts_from_tick_to_tick(burner: Burner) -> None:
    monitor, begin = Remembering(), time.monotonic_ns()
    watch = PhaseWatch(monitor, "measure", 5.0, burner.pid)
    burner.burn(100)
    burn_an_interval()
    watch.tick()
    passed = time.monotonic_ns() - begin
    burn_an_interval()
    watch.tick()
    busy, idle = monitor.ticks
    assert busy.cpu_percent / 100 >= 100_000_000 / passed
    assert idle.cpu_percent == 0


def test_a_process_that_is_gone_is_for_others_to_explain(burner: Burner) -> None:
    monitor = Remembering()
    watch = PhaseWatch(monitor, "measure", 5.0, burner.pid)
    burner.child.kill()
    burner.child.wait()
    burn_an_interval()
    watch.tick()
    assert monitor.ticks == []


def test_cpu_use_goes_on_when_one_of_several_has_ended(burner: Burner) -> None:
    monitor = Remembering()
    with Burner() as other:
        other.burn(50)
        begin = time.monotonic_ns()
        watch = PhaseWatch(monitor, "measure", 5.0, burner.pid, other.pid)
    burner.burn(100)
    burn_an_interval()
    watch.tick()
    [tick] = monitor.ticks
    assert tick.cpu_percent / 100 >= 100_000_000 / (time.monotonic_ns() - begin)
