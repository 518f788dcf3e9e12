"""The page's flame graphs, of time on the CPU and off it: one script draws both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.attribution.kinds import KINDS, WAITS, Wait
from profiler.report import budget, formats
from profiler.report.flame import Flame, flame
from profiler.report.threads import thread_rows
from profiler.report.weights import cpu_weights, wait_weights
from profiler.report.words import WAIT_PATTERNS
from profiler.trace.model import SWITCH_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.analyse import Analysis, Profile
    from profiler.attribution.wait_profile import OffCpuProfile
    from profiler.report.threads import Thread

CHAINS = "call chains of waits"
"""What entries of `Manifest.unavailable` about them end in."""


@dataclass(frozen=True, slots=True)
class Graphs:
    """The data, and what it lacks."""

    about: dict[str, Any]
    """By graph, `on` and `off`: its kinds, the patterns they are drawn in, and what its time is called."""
    strings: list[str]
    columns: dict[str, str]
    """Those of `profiler.report.flame`, their names after the graph's and a dot."""
    merged: tuple[str, ...]
    """Sentences."""
    off_why: str
    """Why there is no graph of time off the CPU; empty where there is."""


def graphs(analysis: Analysis, profile: Profile, threads: Sequence[Thread]) -> Graphs:
    """Return both graphs, or the one on the CPU alone where waits have no chains."""
    rows, stacks, names = list(threads), profile.trace.stacks, profile.frame_names
    samples = len(profile.attribution.time_ns)
    weights = cpu_weights(profile.attribution, thread_rows(rows, profile.attribution.tid))
    on = flame(stacks, weights, names, budget.flame_bytes(samples))
    kinds = [kind.value for kind in KINDS]
    about = {"on": {"kinds": kinds, "patterns": kinds, "time": "CPU"}}
    columns, merged = _named("on", on), _merged(on, "flame graph", "CPU time")
    off_why = _unseen(analysis, profile.off_cpu)
    if off_why or profile.off_cpu is None:
        return Graphs(about, on.strings, columns, merged, off_why)
    waits = profile.off_cpu.waits
    requests = [request for request in analysis.requests if request.phase == "profile"]
    weights = wait_weights(waits, requests, thread_rows(rows, waits.off.tid))
    off = flame(stacks, weights, names, budget.wait_flame_bytes(samples), on.strings)
    about["off"] = {
        "kinds": [wait.value for wait in WAITS],
        "patterns": [WAIT_PATTERNS[wait] for wait in Wait],
        "time": "off the CPU",
    }
    return Graphs(
        about,
        off.strings,
        columns | _named("off", off),
        (*merged, *_merged(off, "graph of time off the CPU", "time")),
        "",
    )


def _named(graph: str, made: Flame) -> dict[str, str]:
    return {f"{graph}.{name}": column for name, column in made.columns.items()}


def _merged(made: Flame, graph: str, time: str) -> tuple[str, ...]:
    if not made.merged_share:
        return ()
    kept, lost = f"keeps the {made.nodes:,} heaviest calls", formats.percent(made.merged_share)
    return (f"The {graph} {kept}: {lost} of the {time} ends in calls too small to keep, shown as merged.",)


def _unseen(analysis: Analysis, off_cpu: OffCpuProfile | None) -> str:
    """Say why waits have no chains; empty where they do."""
    if off_cpu is None:
        return "context switches were not recorded"
    if SWITCH_OUT in off_cpu.settings.wait_events:
        return "" if off_cpu.waits.off.tid.size else "no thread was off the CPU"
    for missing in analysis.manifest.unavailable:
        if missing.what.endswith(CHAINS):
            return f"{missing.why}; {missing.hint}" if missing.hint else missing.why
    return f"{CHAINS} were not recorded; --waits trace records them"
