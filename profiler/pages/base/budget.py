"""How much of a page its data may take: pages are mailed, and opened on slow machines."""

from __future__ import annotations

BYTES_A_SAMPLE = 2.6
LEAST, MOST = 750_000, 2_600_000
FLAME_PART, WAIT_FLAME_PART = 0.46, 0.16
"""Of the budget, for the flame graphs on and off the CPU; the rest is the timeline's."""
OPERATORS_FLAME_PART = 0.12
"""Beyond the budget, for the flame graph by operator where there is one."""


def page_bytes(samples: int) -> int:
    """Return the bytes for a run's data: under 1 MB for 100,000 samples, under 3 MB for any number."""
    return int(min(MOST, max(LEAST, BYTES_A_SAMPLE * samples)))


def flame_bytes(samples: int) -> int:
    """Return the part of the flame graph on the CPU."""
    return int(page_bytes(samples) * FLAME_PART)


def wait_flame_bytes(samples: int) -> int:
    """Return the part of the one off the CPU."""
    return int(page_bytes(samples) * WAIT_FLAME_PART)


def operators_flame_bytes(samples: int) -> int:
    """Return what the flame graph by operator may add."""
    return int(page_bytes(samples) * OPERATORS_FLAME_PART)


def timeline_bytes(samples: int) -> int:
    """Return the timeline's part."""
    return page_bytes(samples) - flame_bytes(samples) - wait_flame_bytes(samples)
