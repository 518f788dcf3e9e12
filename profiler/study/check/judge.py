"""Measured repeats against a bound: passed, passed with a warning, failed, or not to be decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from profiler.findings.formats import count, signed_percent
from profiler.findings.load.overload import overloaded
from profiler.findings.thresholds import NEEDED
from profiler.findings.verdict import margin
from profiler.study.check.bounds import Bound, Quantity
from profiler.study.interval_words import UNSURE, too_wide
from profiler.study.intervals import Basis, Interval, Ratio, compare, estimate
from profiler.study.statistic import Statistic
from profiler.study.variation import USUAL, RunVariation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Floats
    from profiler.study.measured import Measured


class Outcome(str, Enum):
    """How a check ended."""

    PASSED = "passed"
    WARNED = "warning"
    """Beyond the bound, but by no more than chance would do."""
    FAILED = "failed"
    UNDECIDED = "undecided"
    """There is too little to tell: a gate must not take that for a pass."""

    @property
    def holds(self) -> bool:
        """Whether the gate lets it through."""
        return self in {Outcome.PASSED, Outcome.WARNED}


@dataclass(frozen=True, slots=True)
class SpinShare:
    """What profiled runs say of spinning."""

    share: float
    """Of all CPU time."""
    samples: int


@dataclass(frozen=True, slots=True)
class JudgedSide:
    """What is checked: repeats of one thing, and of what it is held against."""

    name: str
    now: tuple[Measured, ...]
    before: tuple[Measured, ...] = ()
    """Paired with `now` by place, where they were measured in rounds."""
    spin: SpinShare | None = None
    notes: tuple[str, ...] = ()
    """What a reader should know: differing conditions, failed repeats."""
    variation: RunVariation = USUAL
    """How much runs of one thing vary: it stands in where a side has one run alone."""


@dataclass(frozen=True, slots=True)
class Check:
    """A bound, and how a subject stands to it."""

    bound: Bound
    outcome: Outcome
    why: str
    """A sentence."""
    before: float | None = None
    now: float | None = None
    low: float | None = None
    """Ends of the confidence interval: of `now`, or of its ratio to `before` where the bound is relative."""
    high: float | None = None


def judge(subject: JudgedSide, bound: Bound) -> Check:
    """Hold one subject against one bound."""
    if not subject.now:
        return Check(bound, Outcome.UNDECIDED, "nothing was measured")
    if bound.quantity is Quantity.SPIN_SHARE:
        return _spinning(subject.spin, bound)
    if bound.quantity is Quantity.P95 and _overloaded(subject.now):
        return Check(bound, Outcome.FAILED, "overloaded: 5 % or more of the requests that were due never ran")
    return _relative(subject, bound) if bound.relative else _absolute(subject, bound)


def _relative(subject: JudgedSide, bound: Bound) -> Check:
    if not subject.before:
        return Check(bound, Outcome.UNDECIDED, "there is no baseline for it")
    statistic = _statistic(bound.quantity)
    earlier, later = (
        [_values(repeat, bound.quantity) for repeat in side] for side in (subject.before, subject.now)
    )
    cpu = bound.quantity is not Quantity.P95
    run = subject.variation.cpu if cpu else subject.variation.latency[statistic]
    ratio = compare(earlier, later, statistic, run=run)
    before, now = estimate(earlier, statistic), estimate(later, statistic)
    if ratio is None or before is None or now is None:
        return Check(bound, Outcome.UNDECIDED, _too_few(bound.quantity, (*subject.before, *subject.now)))
    if bound.quantity is Quantity.P95 and _overloaded(subject.before):
        return Check(bound, Outcome.UNDECIDED, "the baseline was overloaded, so its p95 says nothing")
    outcome, why = _against_baseline(ratio, bound)
    if ratio.basis is Basis.MACHINE:
        why += f"; one run a side, and runs taken to vary {subject.variation.words}"
    return Check(bound, outcome, why, before.estimate, now.estimate, ratio.low, ratio.high)


def _against_baseline(ratio: Ratio, bound: Bound) -> tuple[Outcome, str]:
    change = f"{signed_percent(ratio.estimate - 1)} ({_change_range(ratio)})"
    if ratio.estimate > 1 + bound.most:
        if ratio.significant:
            return Outcome.FAILED, change
        return Outcome.WARNED, f"{change}: beyond the bound, but no significant difference"
    if ratio.high > 1 + bound.most:
        return Outcome.PASSED, f"{change}: within the bound, though an increase beyond it can't be ruled out"
    return Outcome.PASSED, change


def _absolute(subject: JudgedSide, bound: Bound) -> Check:
    values = [_values(repeat, bound.quantity) for repeat in subject.now]
    interval = estimate(values, _statistic(bound.quantity))
    if interval is None:
        return Check(bound, Outcome.UNDECIDED, _too_few(bound.quantity, subject.now))
    return _against_bound(interval, bound, rests_on_one=len(subject.now) == 1)


def _against_bound(interval: Interval, bound: Bound, *, rests_on_one: bool) -> Check:
    text = bound.quantity.text
    unsure = interval.low > 0 and too_wide(interval.low, interval.high)
    ends = UNSURE if unsure else f"{text(interval.low)} to {text(interval.high)}"
    value = f"{text(interval.estimate)} ({ends})"
    if interval.low > bound.most:
        outcome, why = Outcome.FAILED, value
    elif interval.estimate > bound.most:
        outcome, why = Outcome.WARNED, f"{value}: beyond the bound, but not significantly"
    elif interval.high > bound.most:
        outcome, why = Outcome.PASSED, f"{value}: within the bound, though more can't be ruled out"
    else:
        outcome, why = Outcome.PASSED, value
    if rests_on_one:
        why += "; one run can't tell how much runs differ"
    return Check(bound, outcome, why, None, interval.estimate, interval.low, interval.high)


def _spinning(spin: SpinShare | None, bound: Bound) -> Check:
    if spin is None:
        return Check(bound, Outcome.UNDECIDED, "no run was profiled: record with --profile SECONDS")
    if not spin.samples:
        return Check(bound, Outcome.UNDECIDED, "the profile holds no samples")
    off = margin(spin.samples)
    interval = Interval(spin.share, max(0.0, spin.share - off), min(1.0, spin.share + off))
    return _against_bound(interval, bound, rests_on_one=False)


def _statistic(quantity: Quantity) -> Statistic:
    return Statistic.P95 if quantity is Quantity.P95 else Statistic.MEAN


def _values(measured: Measured, quantity: Quantity) -> Floats:
    """Return what one run's figure is made of, (n,): CPU use is what requests cost, times their rate."""
    if quantity is Quantity.P95:
        return measured.latency_ms
    if quantity is Quantity.CPU:
        return measured.cpu_ms
    return measured.cpu_ms * (len(measured.latency_ms) / measured.seconds / 10)


def _overloaded(side: Sequence[Measured]) -> bool:
    return overloaded(sum(len(repeat.latency_ms) for repeat in side), sum(repeat.unserved for repeat in side))


def _too_few(quantity: Quantity, runs: Sequence[Measured]) -> str:
    least = min(len(repeat.latency_ms) for repeat in runs)
    if quantity is Quantity.P95:
        return f"too few requests: a p95 needs {NEEDED['p95']} in each run, and one had {least}"
    if least and len(runs[0].cpu_ms) < len(runs[0].latency_ms):
        return "one run that did not note what each request cost can't tell: give several"
    return f"too few requests to tell: one run had {count(least, 'request')}"


def _change_range(ratio: Ratio) -> str:
    return f"{signed_percent(ratio.low - 1)} to {signed_percent(ratio.high - 1)}"
