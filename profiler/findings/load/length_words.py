"""What a tail is made of where requests differ in length: their length, or waiting for those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import ms

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def tail_by_length(summary: Summary) -> list[str]:
    """Say how much of what the slowest requests took longer was waiting, and how much their length."""
    lengths = summary.lengths
    if lengths is None or lengths.longer_ms <= 0:
        return []
    longer, waiting, length, rest = map(
        _signed, (lengths.longer_ms, lengths.waiting_ms, lengths.length_ms, lengths.rest_ms)
    )
    sizes = f"{lengths.slowest_length:.0f} against {lengths.mean_length:.0f}"
    said = (
        f"The slowest {lengths.slowest} of {lengths.requests:,} requests took {longer} longer than the mean "
        f"one: {waiting} waiting to start, {length} for their length ({sizes}), {rest} neither."
    )
    return [said]


def _signed(value: float) -> str:
    return ms(value) if value >= 0 else f"-{ms(-value)}"
