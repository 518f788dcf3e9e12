"""What ended the phases of processes that were watched before their time, as doubts; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.run.doubt import Doubt
from profiler.spec.ranges import ENDLESS_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.run.manifest import Phase

CLIENT = "the load to the end"
COMMAND = "the command to the end"
CUT_SHORT = frozenset({CLIENT, COMMAND})
"""What such doubts are about: figures rest on less than was asked for."""
PHASES = {"measure": "--measure", "profile": "--seconds"}
LASTS = "the client must last --after + --measure + --seconds"
FAILS = "--load starts it without a shell; does it run by itself?"
ENDED = "figures are of the time until then; choose a shorter --measure or --seconds"
TOLERATED_SECONDS = 0.5
"""A client that is told to last as long may be done so much earlier."""


def missing(asked: Sequence[tuple[str, float]], phases: Sequence[Phase]) -> dict[str, float]:
    """Return how many seconds of each phase are missing; of one that lasts until the end, none are."""
    lasted = {phase.name: (phase.end_ns - phase.start_ns) / 1e9 for phase in phases}
    left = {name: s - lasted.get(name, 0.0) for name, s in asked if 0 < s < ENDLESS_SECONDS}
    return {name: seconds for name, seconds in left.items() if seconds > TOLERATED_SECONDS}


def client_ended(
    code: int, restarts: int, asked: Sequence[tuple[str, float]], phases: Sequence[Phase]
) -> list[Doubt]:
    """Say that a client failed, or ended before what it was to load was over."""
    cut = missing(asked, phases)
    if not code and not cut and phases:
        return []
    again = f", started again {restarts} times" if restarts else ""
    how = f"the client failed (exit code {code}{again})" if code else "the client ended"
    hint = FAILS if code else LASTS
    return [Doubt(CLIENT, f"{how}{_so(cut, phases)}", hint)]


def command_ended(program: str, asked: Sequence[tuple[str, float]], phases: Sequence[Phase]) -> list[Doubt]:
    """Say that a command ended by itself before what was asked for was over."""
    cut = missing(asked, phases)
    if not cut and phases:
        return []
    return [Doubt(COMMAND, f"the command ({program}) ended{_so(cut, phases)}", ENDED)]


def _so(cut: Mapping[str, float], phases: Sequence[Phase]) -> str:
    if not phases:
        return " before the profile began"
    each = " and ".join(f"{seconds:.1f} s of {PHASES[name]}" for name, seconds in cut.items())
    return f" early: {each} {'is' if len(cut) == 1 else 'are'} missing" if cut else ""
