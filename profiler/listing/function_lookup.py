"""A function by what somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.findings.formats import count, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.hot_functions import Functions, HotFunction

OFFERED = 8
"""Candidates that an error lists."""


def find_function(functions: Functions, wanted: str | None) -> HotFunction:
    """Return the function of that name, or the one whose name has it as a part; without one the hottest.

    Among several, those with CPU time of their own win. `UsageError` with candidates where there is none, or
    still more than one.
    """
    rows = functions.hot()
    if not rows:
        raise UsageError("the profile has no function", hint="record longer, or with more requests")
    if wanted is None:
        return rows[0]
    names = [functions.names[row.function][0] for row in rows]
    matching = [row for row, name in zip(rows, names, strict=True) if name == wanted]
    matching = matching or [row for row, name in zip(rows, names, strict=True) if wanted in name]
    if len(matching) > 1:
        matching = [row for row in matching if row.self_ns] or matching
    if len(matching) == 1:
        return matching[0]
    if not matching:
        offered = _offer(functions, rows)
        raise UsageError(f"no function has {wanted!r} in its name", hint=f"the hottest are:{offered}")
    raise UsageError(
        f"{count(len(matching), 'function')} have {wanted!r} in their names",
        hint=f"say more of the name:{_offer(functions, matching)}",
    )


def _offer(functions: Functions, rows: Sequence[HotFunction]) -> str:
    total = sum(chain.cpu_ns for chain in functions.chains) or 1.0
    lines = [
        f"{percent(row.self_ns / total):>8}  {functions.names[row.function][0]}" for row in rows[:OFFERED]
    ]
    rest = len(rows) - OFFERED
    return "".join(f"\n  {line}" for line in [*lines, *([f"… and {rest} more"] if rest > 0 else [])])
