"""What sampling lightly means, for those who do it and those who ask for it."""

from __future__ import annotations

FREQUENCY_HZ = 49
"""The most that is light. No divisor of what programs do by the clock."""
