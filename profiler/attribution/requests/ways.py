"""How the requests of a process can be known exactly, by what it runs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.run.attached import Origin

if TYPE_CHECKING:
    from collections.abc import Collection

    from profiler.run.attached import Target

NO_SYMBOLS = "none"
C_INTERFACE = (Origin.NODE, Origin.JAVA, Origin.LIBRARY)
"""Where `Run` is found without symbols, too."""
WITHOUT_MARKS = (Origin.NODE, Origin.JAVA)
"""Of whose languages `ortprof marks` has no program."""


def ways_to_exact(targets: Collection[Target]) -> str:
    """Say what makes the requests of these processes exact; marks, where nothing is known of them."""
    ways = []
    if not targets or any(_can_mark(target) for target in targets):
        ways.append("mark them (`ortprof marks`)")
    if any(_has_run(target) for target in targets):
        ways.append("have the kernel note them (--probes, as root)")
    return f"{', or '.join(ways)}: then they are exact (docs/marks.md)"


def _can_mark(target: Target) -> bool:
    return not any(runtime.origin in WITHOUT_MARKS for runtime in target.runtimes) or not _has_run(target)


def _has_run(target: Target) -> bool:
    return any(runtime.origin in C_INTERFACE or runtime.symbols != NO_SYMBOLS for runtime in target.runtimes)
