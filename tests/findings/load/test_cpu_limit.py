from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from profiler.findings.finding import Finding
from profiler.findings.load.cpu_limit import advice, details, headline, least_quota_ms, limit_text
from profiler.findings.verdict import verdict
from profiler.run.kinds import Meanwhile, Part
from profiler.run.sections.load_section import CpuBudget, LatencyFigures, StoppedInRequests
from profiler.run.sections.request_section import RequestFigures, RequestSplit
from profiler.run.sections.unavailable import Unavailable
from profiler.spec.limit import Limit
from profiler.spec.workload import Arrivals
from tests.summaries import cpu_time, edited, made_summary, present, throttled

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def limited(**changes: Any) -> Summary:
    """Return the summary of a run under a limit of 0.1 CPU, throttled in 84 of 100 periods, as `edited`."""
    made = made_summary(limit=Limit(cpus=0.1), cpu=cpu_time(spin_idle=710, compute=290))
    phase = edited(made.measured, throttled=throttled(), cpu_ms_per_request=40.0, cpu_percent=4.0)
    return edited(made, **{"measured": phase, "profiled": phase, **changes})


def headline_of(summary: Summary) -> str:
    stopped = present(summary.measured).throttled
    assert stopped is not None
    return headline(summary, stopped)


def test_the_headline_says_periods_quota_and_the_p95_request() -> None:
    said = verdict(limited())
    assert said.finding is Finding.THROTTLED
    assert said.headline == (
        "Under a limit of 0.1 CPU (10.0 ms in each 100 ms): 84 % of 100 periods throttled; "
        "71 % of the quota was spent spinning; the p95 request waited 180 ms for the next period."
    )


def test_without_enough_requests_for_a_p95_the_mean_is_said() -> None:
    few = StoppedInRequests(mean=120.0, p95_request=None, max=190.0)
    made = limited(measured__throttled__per_request_ms=few)
    assert headline_of(made).endswith("a request waited 120 ms on average for the next period.")


def test_throttling_is_named_without_a_profile() -> None:
    nothing = Unavailable("nothing was profiled")
    said = verdict(limited(cpu=nothing, perf=nothing))
    assert said.finding is Finding.THROTTLED
    assert "spinning" not in said.headline
    assert "A request's 40.0 ms of CPU time is what the limit left it" in said.text
    alone = verdict(limited(cpu=nothing, perf=nothing, config__threads=1)).text
    assert "needs a limit of at least 40.0 ms in each 100 ms (0.400 CPU)." in alone, "nobody spins"


def test_few_samples_say_nothing_of_spinning() -> None:
    assert "spinning" not in headline_of(limited(perf__samples=20))


def test_a_quota_that_debts_exceeded_is_spent_at_most_wholly() -> None:
    assert "100 % of the quota" in headline_of(limited(cpu=cpu_time(spin_idle=1500)))


@pytest.mark.parametrize(
    ("cost_ms", "rate", "period_ms", "least"),
    [(8, 1, 100, 8), (8, 10, 100, 8), (8, 25, 100, 24), (8, 100, 20, 16)],
)
def test_the_least_quota_covers_the_requests_of_a_period(
    cost_ms: float, rate: float, period_ms: float, least: float
) -> None:
    assert least_quota_ms(cost_ms, rate, period_ms) == least


def test_what_helps_against_a_spinning_pool() -> None:
    said = " ".join(advice(limited()))
    for words in ("single-thread", "spin-off", "static CPU manager", "--cpu-burst"):
        assert words in said
    assert "without the idle spinning" not in said
    assert (
        "A request's 40.0 ms of CPU time is what the limit left it: whatever spins takes more of more. "
        "Without any spinning, it needs at least 11.6 ms in each 100 ms (0.116 CPU)."
    ) in said


def test_what_was_hardly_throttled_spun_as_much_as_it_would() -> None:
    said = " ".join(advice(limited(measured__throttled__throttled_periods=9)))
    assert "needs a limit of at least 40.0 ms in each 100 ms (0.400 CPU); without the idle spinning," in said
    assert "at least 11.6 ms in each 100 ms (0.116 CPU)" in said


def test_a_single_thread_is_not_told_to_be_one() -> None:
    said = " ".join(advice(limited(config__threads=1, cpu=cpu_time(compute=100))))
    assert "single-thread" not in said
    assert "spin-off" not in said


def test_spinning_that_is_off_is_not_turned_off_again() -> None:
    said = " ".join(advice(limited(config__entries={"session.intra_op.allow_spinning": "0"})))
    assert "spin-off" not in said


def test_a_quota_in_constant_use_is_not_answered_with_a_burst() -> None:
    assert "burst" not in " ".join(advice(limited(measured__cpu_percent=9.9)))


def test_a_closed_loop_has_no_least_quota() -> None:
    assert "at least" not in " ".join(advice(limited(workload__arrivals=Arrivals.CLOSED)))


def budget(threads: int, quota: float | None, escaped: tuple[int, ...] = ()) -> Summary:
    usable = min(2, quota or 2)
    cpus = CpuBudget(allowed=[0, 1], quota=quota, threads=threads, escaped=[*escaped], usable=usable)
    return made_summary(cpus=cpus)


def test_more_threads_than_cpus_are_said() -> None:
    assert details(budget(4, 0.5)) == [
        (
            "ONNX Runtime's pool has 4 threads, callers included, for 0.500 CPU "
            "(affinity and cpuset leave 2, the quota 0.500)."
        )
    ]
    assert details(budget(4, None)) == [
        "ONNX Runtime's pool has 4 threads, callers included, for 2.00 CPU (affinity and cpuset leave 2)."
    ]


@pytest.mark.parametrize(("threads", "quota"), [(1, 0.1), (2, None), (2, 1.5)])
def test_as_many_threads_as_cpus_are_not(threads: int, quota: float | None) -> None:
    assert details(budget(threads, quota)) == []


def test_threads_that_escape_the_mask_are_said() -> None:
    (said,) = details(budget(2, None, (71,)))
    assert said.startswith("1 pool thread is pinned to CPUs outside the process's affinity mask (CPU 0, 1)")


def profiled(own_ms: float, workers_ms: float, *, p95: bool = True) -> Summary:
    """Return the summary of a run of which one request is known that took 400 ms."""
    row = RequestSplit(
        wall_ms=400.0,
        by_kind=dict.fromkeys(Part, 0.0) | {Part.THROTTLED: own_ms},
        meanwhile=dict.fromkeys(Meanwhile, 0.0) | {Meanwhile.THROTTLED: workers_ms},
        runnable_own_ms=0.0,
        samples=0,
        explained=True,
    )
    figures = RequestFigures(
        requests=1,
        unexplained=0,
        tolerance=0.02,
        wall_ms=LatencyFigures(mean=400.0, p50=None, p95=None, p99=None, max=400.0),
        by_kind=row.by_kind,
        meanwhile=row.meanwhile,
        runnable_own_ms=0.0,
        meanwhile_traced=True,
        samples=0,
        p50=None,
        p95=row if p95 else None,
        slowest=row,
    )
    return made_summary(request=figures)


def test_what_a_slow_request_waited_for_quota() -> None:
    (said,) = details(profiled(300, 60))
    assert said == (
        "Profiled, the p95 request waited 360 ms of its 400 ms for the next period, "
        "60.0 ms of it because its workers did."
    )
    assert details(profiled(80, 0, p95=False)) == [
        "Profiled, the slowest request waited 80.0 ms of its 400 ms for the next period."
    ]
    assert details(profiled(40, 30)) == []


def test_runs_of_older_versions_have_no_budget() -> None:
    assert details(made_summary(cpus=None)) == []


def test_a_limit_in_words() -> None:
    assert limit_text(Limit(cpus=0.5, period_us=20_000, burst_us=5_000)) == (
        "0.5 CPU (10.0 ms in each 20 ms, burst 5.00 ms)"
    )
