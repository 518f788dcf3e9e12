"""From where on a figure is worth a word, and from where on it can be trusted."""

from __future__ import annotations

NEEDED = {"p50": 2, "p95": 20, "p99": 100}
"""Requests from which a percentile is given: n (1 - p) >= 1 (`profiler.attribution.statistics`)."""
FEW_SAMPLES = 30
"""Below, shares are no verdict: their margin (`profiler.findings.verdict.margin`) passes 18 points."""
ENOUGH_SAMPLES = 400
"""From here on, shares are good to five points and need no word of caution."""
DISTURBED = 0.1
"""A difference between the profiled phase and the measured one, as a share, that is said before any share."""
LATE_MS = 1.0
"""A start this long after its scheduled instant is called late: timers alone are late by less.

Linux wakes a sleeper up to its slack late, 50 us where nobody set another (PR_SET_TIMERSLACK, prctl(2))."""
MUCH_OF_COST = 0.1
"""A part of what a request costs that is worth naming."""
MUCH_OF_WALL = 0.2
"""A part of requests' mean wall time worth a sentence: without it they would be served a quarter faster."""
