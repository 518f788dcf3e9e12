"""What a check allows: bounds on a quantity, absolute or against a baseline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from profiler.errors import UsageError
from profiler.findings.formats import number, percent

PERCENT = re.compile(r"(\d+(?:\.\d+)?|\.\d+) ?%")


class Quantity(str, Enum):
    """What is bounded."""

    CPU = "CPU time a request"
    P95 = "p95 latency"
    CPU_PERCENT = "CPU use"
    SPIN_SHARE = "share of spinning"

    def text(self, value: float) -> str:
        """Return a value with its unit; CPU use is percent of one core, as `top` shows it."""
        if self is Quantity.SPIN_SHARE:
            return percent(value)
        return f"{number(value)} {'%' if self is Quantity.CPU_PERCENT else 'ms'}"


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that a quantity may be, or may have grown."""

    quantity: Quantity
    most: float
    """In the quantity's unit; relative: a share of the baseline, 0.1 for 10 % more."""
    relative: bool

    @property
    def text(self) -> str:
        """As a phrase: `at most 20.0 ms`, `at most 10 % more`."""
        return (
            f"at most {percent(self.most)} more"
            if self.relative
            else f"at most {self.quantity.text(self.most)}"
        )


def parse_percent(text: str, option: str) -> float:
    """Return the share that `10%` says; `UsageError` for a number without the sign, which could mean both."""
    matched = PERCENT.fullmatch(text.strip())
    if matched is None:
        raise UsageError(f"{option} {text!r} is not a percentage", hint=f"for example {option} 10%")
    return float(matched[1]) / 100


def make_bounds(
    *,
    cpu_increase: str | None = None,
    p95_increase: str | None = None,
    cpu_ms: float | None = None,
    p95_ms: float | None = None,
    cpu_percent: float | None = None,
    spin_share: str | None = None,
) -> list[Bound]:
    """Return the bounds that options ask for; `UsageError` where they ask for none."""
    asked: list[tuple[Quantity, float | None, bool]] = [
        (Quantity.CPU, _share(cpu_increase, "--max-cpu-increase"), True),
        (Quantity.P95, _share(p95_increase, "--max-p95-increase"), True),
        (Quantity.CPU, cpu_ms, False),
        (Quantity.P95, p95_ms, False),
        (Quantity.CPU_PERCENT, cpu_percent, False),
        (Quantity.SPIN_SHARE, _share(spin_share, "--max-spin-share"), False),
    ]
    bounds = [Bound(quantity, most, relative) for quantity, most, relative in asked if most is not None]
    if not bounds:
        raise UsageError(
            "there is nothing to check",
            hint="give a bound, such as --max-p95-ms 20, or --baseline RUN --max-cpu-increase 10%",
        )
    return bounds


def _share(text: str | None, option: str) -> float | None:
    return None if text is None else parse_percent(text, option)
