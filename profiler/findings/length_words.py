"""What a tail is made of where requests differ in length: their length, or waiting for those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import ms

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def tail_by_length(summary: Summary) -> list[str]:
    """Say how much of what the slowest requests took longer was waiting, and how much their length."""
    found = summary.lengths
    if found is None or found.longer_ms <= 0:
        return []
    longer, waiting, length, rest = map(
        _signed, (found.longer_ms, found.waiting_ms, found.length_ms, found.rest_ms)
    )
    sizes = f"{found.slowest_length:.0f} against {found.mean_length:.0f}"
    said = (
        f"The slowest {found.slowest} of {found.requests:,} requests took {longer} longer than the mean one: "
        f"{waiting} waiting to start, {length} for their length ({sizes}), {rest} neither."
    )
    return [said]


def _signed(value: float) -> str:
    return ms(value) if value >= 0 else f"-{ms(-value)}"
