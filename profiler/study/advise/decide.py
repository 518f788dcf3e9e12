"""The choice: least CPU time a request among those that surely meet the target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.study.advise.candidates import Candidate, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SLACK = 1.5
"""How far one short run may be off: its own interval knows nothing of other runs."""
FEWEST_FINALISTS = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """What to choose for one target under one load."""

    target_ms: float
    ranked: tuple[Candidate, ...]
    """All candidates: those that meet the target, then the unsure, the unknown and the missing; within each
    the least CPU time first, and among the missing the lowest p95."""
    chosen: Candidate | None
    """None where no candidate surely meets the target."""
    runner_up: Candidate | None
    """Of the others that meet it, the cheapest."""
    nearest: Candidate | None
    """Where none is chosen, the one whose p95 may be lowest; None where no p95 is known."""


def decide(candidates: Iterable[Candidate], target_ms: float) -> Decision:
    """Choose among candidates that were measured under the same load."""
    ranked = sorted(candidates, key=lambda candidate: _rank(candidate, target_ms))
    meeting = [candidate for candidate in ranked if candidate.standing(target_ms) is Standing.MEETS]
    known = [candidate for candidate in ranked if candidate.p95_ms is not None and not candidate.overloaded]
    return Decision(
        target_ms=target_ms,
        ranked=tuple(ranked),
        chosen=meeting[0] if meeting else None,
        runner_up=meeting[1] if len(meeting) > 1 else None,
        nearest=min(known, key=_upper, default=None) if not meeting else None,
    )


def contenders(candidates: Sequence[Candidate], target_ms: float, most: int) -> list[Candidate]:
    """Return at most `most` candidates worth measuring well after one short run each.

    The cheapest that meets the target with room to spare comes first, so that an answer survives (where none
    does, the one with the lowest p95); then, the cheapest first, those that may meet the target and do not
    cost much more.
    """
    safe = min(
        (candidate for candidate in candidates if _p95(candidate) <= target_ms / SLACK),
        key=_cpu,
        default=None,
    )
    first = safe or min(candidates, key=_p95)
    others = [candidate for candidate in sorted(candidates, key=_cpu) if candidate is not first]
    near = [
        candidate
        for candidate in others
        if _lower(candidate) <= target_ms and (safe is None or _close(candidate, safe))
    ]
    rest = sorted(others, key=_p95)
    wanted = [first, *near, *rest[: max(0, FEWEST_FINALISTS - 1 - len(near))]]
    return wanted[:most]


def _rank(candidate: Candidate, target_ms: float) -> tuple[int, float]:
    standing = candidate.standing(target_ms)
    order = (Standing.MEETS, Standing.UNSURE, Standing.UNKNOWN, Standing.MISSES).index(standing)
    return order, _upper(candidate) if standing is Standing.MISSES else _cpu(candidate)


def _cpu(candidate: Candidate) -> float:
    return candidate.cpu_ms.estimate


def _p95(candidate: Candidate) -> float:
    """Return the estimate; infinite where requests were never served, or too few to say."""
    return math.inf if candidate.p95_ms is None or candidate.overloaded else candidate.p95_ms.estimate


def _close(candidate: Candidate, safe: Candidate) -> bool:
    """Whether it may cost less than the safe choice: one run can't tell."""
    return _cpu(candidate) <= _cpu(safe) * SLACK


def _lower(candidate: Candidate) -> float:
    return math.inf if candidate.p95_ms is None or candidate.overloaded else candidate.p95_ms.low


def _upper(candidate: Candidate) -> float:
    return math.inf if candidate.p95_ms is None or candidate.overloaded else candidate.p95_ms.high
