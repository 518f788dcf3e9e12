from __future__ import annotations

import pytest

from profiler.intake import collapsed, perf_text
from profiler.intake.cpu_time import CpuTime, cpu_time
from profiler.run.imported import TimeBasis

FREQUENCY = "# event : name = {}, , {{ sample_period, sample_freq }} = 100, freq = 1\n"


def counted(*samples: str, header: str = "") -> CpuTime:
    text = header + "".join(f"x 1/{sample}: \n\t 1 f (/x)\n\n" for sample in samples)
    return cpu_time(perf_text.take(text.encode().splitlines(keepends=True)))


def test_a_clocks_period_is_time() -> None:
    found = counted("2 1.000001: 10101010 cpu-clock", "2 1.000002: 9 cpu-clock")
    assert (found.trace.samples.weight.tolist(), found.basis) == ([10101010, 9], TimeBasis.PERIOD)


def test_cycles_share_the_time_that_their_number_stands_for() -> None:
    found = counted("2 1.000001: 300 cycles", "2 1.000002: 100 cycles", header=FREQUENCY.format("cycles"))
    assert found.trace.samples.weight.tolist() == [15_000_000, 5_000_000]
    assert (found.basis, found.frequency_hz) == (TimeBasis.FREQUENCY, 100)


def test_both_kinds_of_core_count() -> None:
    header = FREQUENCY.format("cpu_core/cycles/") + FREQUENCY.format("cpu_atom/cycles/")
    samples = ("2 1.000001: 7 cpu_core/cycles/", "2 1.000002: 9 cpu_atom/cycles/")
    found = counted(*samples, header=header)
    assert found.trace.samples.weight.tolist() == [10_000_000, 10_000_000]
    assert found.events == ("cpu_core/cycles/", "cpu_atom/cycles/")
    assert found.trace.events == ("cpu_core/cycles/,cpu_atom/cycles/",)


@pytest.mark.parametrize("event", ["cycles", "page-faults"])
def test_what_says_no_time_is_shown_as_a_millisecond_each(event: str) -> None:
    found = counted(f"2 1.000001: 1 {event}", f"2 1.000002: 3 {event}")
    assert (found.trace.samples.weight.tolist(), found.basis) == ([500_000, 1_500_000], TimeBasis.NOTHING)


def test_the_frequency_of_page_faults_is_no_time() -> None:
    found = counted("2 1.000001: 1 page-faults", header=FREQUENCY.format("page-faults"))
    assert found.basis is TimeBasis.NOTHING


def test_other_events_and_the_idle_task_are_counted_and_left_out() -> None:
    clock = ("2 1.000002: 5 cpu-clock", "0 1.000003: 5 cpu-clock")
    found = counted("2 1.000001: 1 page-faults", *clock, "2 1.000004: 9 cycles")
    assert (found.events, found.trace.samples.weight.tolist()) == (("cpu-clock",), [5])
    assert (found.idle, found.others) == (1, {"page-faults": 1, "cycles": 1})


def test_collapsed_counts_are_samples() -> None:
    found = cpu_time(collapsed.take([b"a;b 3\n", b"a;c 1\n"]))
    assert found.trace.samples.weight.tolist() == [3_000_000, 1_000_000]


@pytest.mark.parametrize(
    "event",
    [
        *("cpu-clock", "task-clock:u", "cpu-clock/freq=99/", "cpu-clock/freq=99,name=x/u"),
        *("cycles", "cycles:Pu", "cpu-cycles", "cycles/period=9/P", "cpu/cpu-cycles/", "cpu_core/cycles/"),
        *("cpu_core/cycles,freq=99/", "cpu_atom/cycles/P", "cpu_atom/cycles/:u", "armv8_pmuv3_0/cpu_cycles/"),
    ],
)
def test_time_is_told_by_every_name_of_clocks_and_cycles(event: str) -> None:
    assert counted("2 1.000001: 5 page-faults", f"2 1.000002: 5 {event}").events == (event,)


def test_what_happens_as_threads_wait_comes_last() -> None:
    found = counted("2 1.000001: 5 sched:sched_waking", "2 1.000002: 5 page-faults")
    assert found.events == ("page-faults",)
    assert counted("2 1.000001: 5 sched:sched_waking").events == ("sched:sched_waking",)
