from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.study.check.bounds import Bound, Quantity, make_bounds, parse_percent
from profiler.study.check.judge import Check, JudgedSide, Outcome, SpinShare, judge
from profiler.study.measured import Measured
from tests.study.synthetic import make_measured

CPU_10 = Bound(Quantity.CPU, 0.10, relative=True)
P95_10 = Bound(Quantity.P95, 0.10, relative=True)


def runs(
    latency_ms: float, cpu_ms: float, *, seed: int, count: int = 5, requests: int = 200
) -> tuple[Measured, ...]:
    return tuple(
        make_measured(latency_ms, cpu_ms, requests=requests, seed=seed + number) for number in range(count)
    )


def against(change: float, bound: Bound, *, count: int = 5, requests: int = 200) -> Check:
    """Judge runs whose latency and CPU time grew by `change`."""
    now = runs(10 * (1 + change), 5 * (1 + change), seed=100, count=count, requests=requests)
    return judge(JudgedSide("it", now, runs(10, 5, seed=0, count=count, requests=requests)), bound)


@pytest.mark.parametrize("bound", [CPU_10, P95_10])
@pytest.mark.parametrize(
    ("change", "outcome"),
    [(-0.3, Outcome.PASSED), (0.0, Outcome.PASSED), (0.05, Outcome.PASSED), (0.2, Outcome.FAILED)],
)
def test_what_is_significant_and_beyond_the_bound_fails(
    bound: Bound, change: float, outcome: Outcome
) -> None:
    found = against(change, bound)
    assert found.outcome is outcome
    assert found.before is not None
    assert found.now is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low - 0.02 < 1 + change < found.high + 0.02
    assert found.now / found.before == pytest.approx(1 + change, rel=0.03)


def test_what_chance_would_do_passes_with_a_warning() -> None:
    """Two noisy runs a side, of which one was slow."""
    before = tuple(make_measured(10, cpu, seed=number) for number, cpu in enumerate((4.0, 6.5)))
    now = tuple(make_measured(10, cpu, seed=9 + number) for number, cpu in enumerate((7.5, 5.5)))
    found = judge(JudgedSide("it", now, before), CPU_10)
    assert found.outcome is Outcome.WARNED
    assert "beyond the bound, but no significant difference" in found.why


def test_a_pass_that_could_hide_an_increase_says_so() -> None:
    before = tuple(make_measured(10, cpu, seed=number) for number, cpu in enumerate((4.0, 6.5)))
    now = tuple(make_measured(10, cpu, seed=9 + number) for number, cpu in enumerate((6.5, 4.0)))
    found = judge(JudgedSide("it", now, before), CPU_10)
    assert found.outcome is Outcome.PASSED
    assert "an increase beyond it can't be ruled out" in found.why


def test_one_run_a_side_is_judged_and_its_limits_are_said() -> None:
    found = against(1.0, CPU_10, count=1)
    assert found.outcome is Outcome.FAILED
    assert "one run a side, and runs taken to vary as much as is usual" in found.why
    assert against(0.2, CPU_10, count=1).outcome is Outcome.WARNED, "runs vary by as much"
    assert against(0.2, CPU_10).outcome is Outcome.FAILED
    assert "taken to vary" not in against(0.3, CPU_10).why


def test_too_few_requests_for_a_p95_never_pass() -> None:
    for bound in (P95_10, Bound(Quantity.P95, 1e9, relative=False)):
        found = against(0.0, bound, requests=19)
        assert found.outcome is Outcome.UNDECIDED
        assert not found.outcome.holds
        assert found.why == "too few requests: a p95 needs 20 in each run, and one had 19"
    assert against(0.0, CPU_10, requests=0).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("quantity", [Quantity.CPU, Quantity.P95, Quantity.CPU_PERCENT])
def test_absolute_bounds_are_held_against_the_interval(quantity: Quantity) -> None:
    # 5 ms of CPU time at 10 requests a second are 5 % of a core; the p95 of 10 ms +- 2 % is 10.33 ms.
    truth = {Quantity.CPU: 5.0, Quantity.P95: 10.33, Quantity.CPU_PERCENT: 5.0}[quantity]
    subject = JudgedSide("it", runs(10, 5, seed=0))

    def outcome(most: float) -> Outcome:
        return judge(subject, Bound(quantity, most, relative=False)).outcome

    assert outcome(truth * 1.1) is Outcome.PASSED
    assert outcome(truth * 0.9) is Outcome.FAILED
    near = judge(subject, Bound(quantity, truth * 1.1, relative=False)).now
    assert near is not None
    assert outcome(near * 0.9999) is Outcome.WARNED
    close = judge(subject, Bound(quantity, near * 1.0001, relative=False))
    assert (close.outcome, "more can't be ruled out" in close.why) == (Outcome.PASSED, True)


def test_requests_that_never_ran_are_no_low_latency() -> None:
    now = tuple(make_measured(1, 1, seed=number, unserved=20) for number in range(3))
    assert judge(JudgedSide("it", now), Bound(Quantity.P95, 100, relative=False)).outcome is Outcome.FAILED
    before = runs(10, 5, seed=0, count=3)
    assert judge(JudgedSide("it", before, now), P95_10).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("spin", "outcome"),
    [
        (None, Outcome.UNDECIDED),
        (SpinShare(0.0, 0), Outcome.UNDECIDED),
        (SpinShare(0.05, 10_000), Outcome.PASSED),
        (SpinShare(0.21, 100), Outcome.WARNED),
        (SpinShare(0.60, 10_000), Outcome.FAILED),
    ],
)
def test_spinning_is_judged_by_the_profile(spin: SpinShare | None, outcome: Outcome) -> None:
    subject = JudgedSide("it", runs(10, 5, seed=0), spin=spin)
    assert judge(subject, Bound(Quantity.SPIN_SHARE, 0.2, relative=False)).outcome is outcome


def test_nothing_measured_and_no_baseline_are_not_decided() -> None:
    assert judge(JudgedSide("it", ()), CPU_10).outcome is Outcome.UNDECIDED
    found = judge(JudgedSide("it", runs(10, 5, seed=0)), CPU_10)
    assert (found.outcome, found.why) == (Outcome.UNDECIDED, "there is no baseline for it")


def test_runs_of_older_versions_know_only_their_mean() -> None:
    def old(seed: int) -> Measured:
        made = make_measured(10, 5, seed=seed)
        return Measured(
            made.run,
            made.run_id,
            made.latency_ms,
            np.array([5.0 + seed / 100]),
            5.0,
            5.0,
            made.seconds,
            None,
            0,
        )

    bound = Bound(Quantity.CPU, 6, relative=False)
    assert judge(JudgedSide("it", (old(0), old(1), old(2))), bound).outcome is Outcome.PASSED
    alone = judge(JudgedSide("it", (old(0),)), bound)
    assert (alone.outcome, "did not note what each request cost" in alone.why) == (Outcome.UNDECIDED, True)


def test_false_alarms_are_rare() -> None:
    """Of checks of the same against the same, with runs that differ by 5 %, few fail."""
    vary = np.random.default_rng(1)

    def side() -> tuple[Measured, ...]:
        return tuple(
            make_measured(10, 5 * vary.normal(1, 0.05), requests=50, seed=int(vary.integers(2**32)))
            for _ in range(5)
        )

    found = [judge(JudgedSide("it", side(), side()), CPU_10).outcome for _ in range(100)]
    assert found.count(Outcome.FAILED) <= 5


@given(st.floats(0, 1e6).map(lambda value: round(value, 3)))
def test_percentages_are_read(value: float) -> None:
    text = f"{value:f}".rstrip("0").rstrip(".")
    assert parse_percent(f"{text}%", "--x") == pytest.approx(value / 100)
    assert parse_percent(f" {text} % ", "--x") == pytest.approx(value / 100)


@pytest.mark.parametrize("text", ["10", "", "%", "-5%", "ten%", "1e3%", "0.1.2%", "10 %%", "nan%"])
def test_other_texts_are_not_taken_for_percentages(text: str) -> None:
    with pytest.raises(UsageError, match=r"--max-cpu-increase .* is not a percentage"):
        parse_percent(text, "--max-cpu-increase")


def test_bounds_say_what_they_allow() -> None:
    bounds = make_bounds(cpu_increase="10%", p95_ms=20, cpu_percent=50, spin_share="20%")
    assert [f"{bound.quantity.value}: {bound.text}" for bound in bounds] == [
        "CPU time a request: at most 10 % more",
        "p95 latency: at most 20.0 ms",
        "CPU use: at most 50.0 %",
        "share of spinning: at most 20 %",
    ]
    with pytest.raises(UsageError, match="nothing to check"):
        make_bounds()
