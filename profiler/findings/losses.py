"""What requests' wall time was lost to, in a sentence, where it is much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.findings.formats import ms
from profiler.findings.sections import LATE_MS, MUCH_OF_WALL, section

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_UNEXPLAINED = 0.1
"""With more of the requests unexplained, their mean is no base for a sentence."""

_LOSSES = {
    "before it started": (("by_kind", "late"),),
    "ready to run without a CPU": (("by_kind", "runnable"),),
    "waiting for the CPU limit's next period": (("by_kind", "throttled"), ("meanwhile", "throttled")),
    "waiting for workers that were waking up": (("meanwhile", "waking"),),
    "waiting for workers that had lost their CPU": (("meanwhile", "preempted"),),
}
"""Time that was of no use to anyone; polling and blocking can be, while workers compute."""


def lost_time(summary: Mapping[str, Any]) -> list[str]:
    """Return a sentence about the largest loss in requests' wall time; none where it is not much."""
    request = section(summary, "request")
    if request is None or request["unexplained"] > MOST_UNEXPLAINED * request["requests"]:
        return []
    lost = {how: sum(request[table].get(key, 0.0) for table, key in parts) for how, parts in _LOSSES.items()}
    if request["by_kind"]["late"] < LATE_MS:
        del lost["before it started"]
    how = max(lost, key=lambda loss: lost[loss])
    wall = request["wall_ms"]["mean"]
    if lost[how] < MUCH_OF_WALL * wall:
        return []
    return [f"On average, each profiled request lost {ms(lost[how])} of its {ms(wall)} {how}."]
