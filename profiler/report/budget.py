"""How much of a page its data may take: pages are mailed, and opened on slow machines."""

from __future__ import annotations

BYTES_A_SAMPLE = 2.6
LEAST, MOST = 750_000, 2_600_000
FLAME_PART = 0.62
"""Of the budget, for the flame graph; the rest is the timeline's."""


def page_bytes(samples: int) -> int:
    """Return the bytes for a run's data: under 1 MB for 100,000 samples, under 3 MB for any number."""
    return int(min(MOST, max(LEAST, BYTES_A_SAMPLE * samples)))


def flame_bytes(samples: int) -> int:
    """Return the flame graph's part."""
    return int(page_bytes(samples) * FLAME_PART)


def timeline_bytes(samples: int) -> int:
    """Return the timeline's part."""
    return page_bytes(samples) - flame_bytes(samples)
