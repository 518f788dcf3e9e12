"""A whole check: every subject against every bound, as a value and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.study.check.judge import Check, Outcome, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.check.bounds import Bound
    from profiler.study.check.judge import JudgedSide
    from profiler.study.check.named import LeftOut
    from profiler.study.check.subjects import Subjects

SCHEMA = "ortprof.check/1"


@dataclass(frozen=True, slots=True)
class Checked:
    """One subject with its checks."""

    subject: JudgedSide
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All of it."""

    checked: tuple[Checked, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Of folders and patterns: what can't be checked."""

    @property
    def outcome(self) -> Outcome:
        """The worst of all."""
        outcomes = {check.outcome for checked in self.checked for check in checked.checks}
        worst = (Outcome.FAILED, Outcome.UNDECIDED, Outcome.WARNED)
        return next((outcome for outcome in worst if outcome in outcomes), Outcome.PASSED)

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(check.outcome is outcome for checked in self.checked for check in checked.checks)


def check(subjects: Subjects, bounds: Sequence[Bound]) -> Result:
    """Hold each subject against each bound."""
    return Result(
        tuple(Checked(side, tuple(judge(side, bound) for bound in bounds)) for side in subjects.sides),
        subjects.left_out,
    )


def document(result: Result) -> dict[str, Any]:
    """Return the result as one JSON document."""
    return {
        "schema": SCHEMA,
        "outcome": result.outcome.value,
        "subjects": [
            {
                "name": checked.subject.name,
                "runs": [measured.run_id for measured in checked.subject.now],
                "baseline": [measured.run_id for measured in checked.subject.before],
                "notes": list(checked.subject.notes),
                "checks": [_check(check) for check in checked.checks],
            }
            for checked in result.checked
        ],
        "left_out": [{"name": left.name, "why": left.why} for left in result.left_out],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "quantity": check.bound.quantity.name.lower(),
        "relative": check.bound.relative,
        "most": check.bound.most,
        "outcome": check.outcome.value,
        "before": check.before,
        "now": check.now,
        "interval": None if check.low is None else [check.low, check.high],
        "why": check.why,
    }
