"""What requests' wall time was lost to, in a sentence, where it is much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import ms
from profiler.findings.thresholds import LATE_MS, MUCH_OF_WALL
from profiler.run.kinds import Meanwhile, Part
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.summary import Summary

MOST_UNEXPLAINED = 0.1
"""With more of the requests unexplained, their mean is no base for a sentence."""

_LATE = "before it started"
_LOSSES: dict[str, tuple[Part | Meanwhile, ...]] = {
    _LATE: (Part.LATE,),
    "ready to run without a CPU": (Part.RUNNABLE,),
    "waiting for the CPU limit's next period": (Part.THROTTLED, Meanwhile.THROTTLED),
    "waiting for workers that were waking up": (Meanwhile.WAKING,),
    "waiting for workers that had lost their CPU": (Meanwhile.PREEMPTED,),
}
"""Time that was of no use to anyone; polling and blocking can be, while workers compute."""


def lost_time(summary: Summary) -> list[str]:
    """Return a sentence about the largest loss in requests' wall time; none where it is not much."""
    request = available(summary.request)
    if request is None or request.unexplained > MOST_UNEXPLAINED * request.requests:
        return []

    def spent(on: Part | Meanwhile) -> float:
        return request.by_kind.get(on, 0.0) if isinstance(on, Part) else request.meanwhile.get(on, 0.0)

    lost = {how: sum(map(spent, parts)) for how, parts in _LOSSES.items()}
    if lost[_LATE] < LATE_MS:
        del lost[_LATE]
    how = max(lost, key=lambda loss: lost[loss])
    wall = request.wall_ms.mean
    if wall is None or lost[how] < MUCH_OF_WALL * wall:
        return []
    return [f"On average, each profiled request lost {ms(lost[how])} of its {ms(wall)} {how}."]
