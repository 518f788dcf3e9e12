"""What time was for, as Firefox Profiler's categories: one a kind, on the CPU and off it."""

from __future__ import annotations

import msgspec

from profiler.run.kinds import EVIDENCES, KINDS, WAITS, Evidence, Kind, Wait

OTHER = "Other"
"""The first subcategory of each stands for the category itself."""
COLORS: dict[Kind | Wait, str] = {
    Kind.COMPUTE: "blue",
    Kind.APP: "lightblue",
    Kind.SPIN_IDLE: "red",
    Kind.SPIN_BUSY: "orange",
    Kind.SPIN_JOIN: "yellow",
    Kind.FUTEX: "magenta",
    Kind.KERNEL: "darkgrey",
    Kind.UNKNOWN: "grey",
    Wait.FUTEX: "lightred",
    Wait.RUNNABLE: "green",
    Wait.THROTTLED: "purple",
    Wait.SLEEP: "transparent",
    Wait.IO: "brown",
}
"""Of those that the profiler has, the nearest to the report's. The first `grey` is its default category."""


class Category(msgspec.Struct):
    """`Category`."""

    name: str
    color: str
    subcategories: list[str]


def _category(name: str, kind: Kind | Wait) -> Category:
    evidences = [evidence.value for evidence in EVIDENCES if evidence is not Evidence.NONE]
    return Category(name, COLORS[kind], [OTHER, *evidences])


CATEGORIES = [
    *(_category(kind.value, kind) for kind in KINDS),
    *(_category(f"off CPU: {wait.value}", wait) for wait in WAITS),
    Category("requests", "grey", [OTHER]),
]
"""In the order of `KINDS`, then of `WAITS`. A subcategory is what the verdict rests on."""
REQUESTS = len(CATEGORIES) - 1


def subcategory(evidence: int) -> int:
    """Return the index of an evidence, by its own in `EVIDENCES`."""
    rests_on = EVIDENCES[evidence]
    return 0 if rests_on is Evidence.NONE else CATEGORIES[0].subcategories.index(rests_on.value)
