"""The page's flame graphs, of time on the CPU, off it, and by operator: one script draws all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.findings import formats
from profiler.findings.inlined import unfold
from profiler.findings.threads import thread_rows
from profiler.findings.vocabulary import OUTSIDE_NAMES, WAIT_PATTERNS
from profiler.pages.base import budget
from profiler.pages.flame.flame import Flame, flame
from profiler.pages.flame.row_weights import cpu_weights, wait_weights
from profiler.run.kinds import KINDS, OUTSIDES, WAITS, Outside, Wait
from profiler.trace.model import NONE, SWITCH_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.analysis import Analysis, Profile
    from profiler.attribution.operators.operator_profile import OperatorProfile
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.findings.threads import SampledThread

CHAINS = "call chains of waits"
"""What entries of `Manifest.unavailable` about them end in."""


@dataclass(frozen=True, slots=True)
class Graphs:
    """The data, and what it lacks."""

    about: dict[str, Any]
    """By graph, `on`, `off` and `operators`: its kinds, the patterns they are drawn in, and what its time is
    called; where its rows are not of threads, the `lanes` that they are of."""
    strings: list[str]
    columns: dict[str, str]
    """Those of `profiler.pages.flame.flame`, their names after the graph's and a dot."""
    merged: tuple[str, ...]
    """Sentences."""
    off_why: str
    """Why there is no graph of time off the CPU; empty where there is."""


def graphs(analysis: Analysis, profile: Profile, threads: Sequence[SampledThread]) -> Graphs:
    """Return the graphs, without the one off the CPU where waits have no chains."""
    made = _time_graphs(analysis, profile, threads)
    if analysis.operators is None:
        return made
    graph, lanes = operators_graph(analysis.operators, made.strings)
    kinds = [kind.value for kind in KINDS]
    about = {"kinds": kinds, "patterns": kinds, "time": "CPU", "lanes": lanes}
    return Graphs(
        made.about | {"operators": about},
        graph.strings,
        made.columns | _named("operators", graph),
        (*made.merged, *_merged(graph, "graph by operator", "CPU time")),
        made.off_why,
    )


def operators_graph(profile: OperatorProfile, known: Sequence[str]) -> tuple[Flame, list[str]]:
    """Return the graph of the phase with ONNX Runtime's profiler, and its lanes.

    These are operator types by falling CPU time, then what is between operators, idle or of other threads.
    """
    operators, attribution = profile.operators, profile.attribution
    types = [row.type for row in profile.figures.by_type]
    place = {kind: lane for lane, kind in enumerate(types)}
    of_node = np.array([place[kind] for kind in operators.profile.types] or [0], np.int64)
    lane = np.where(operators.node == NONE, len(types) + operators.outside, of_node[operators.node])
    weights = cpu_weights(attribution, lane)
    limit = budget.operators_flame_bytes(len(attribution.time_ns))
    chains = unfold(profile.trace, profile.frame_names)
    graph = flame(chains.stacks, weights, chains.functions, limit, known=known, inlined=chains.inlined)
    return graph, [
        *types,
        *(OUTSIDE_NAMES[outside] for outside in OUTSIDES if outside is not Outside.UNSAMPLED),
    ]


def _time_graphs(analysis: Analysis, profile: Profile, threads: Sequence[SampledThread]) -> Graphs:
    rows, chains = list(threads), unfold(profile.trace, profile.frame_names)
    samples = len(profile.attribution.time_ns)
    weights = cpu_weights(profile.attribution, thread_rows(rows, profile.attribution.tid))
    on = flame(chains.stacks, weights, chains.functions, budget.flame_bytes(samples), inlined=chains.inlined)
    kinds = [kind.value for kind in KINDS]
    about = {"on": {"kinds": kinds, "patterns": kinds, "time": "CPU"}}
    columns, merged = _named("on", on), _merged(on, "flame graph", "CPU time")
    off_why = _unseen(analysis, profile.off_cpu)
    if off_why or profile.off_cpu is None:
        return Graphs(about, on.strings, columns, merged, off_why)
    waits = profile.off_cpu.waits
    requests = [request for request in analysis.requests if request.phase == "profile"]
    weights = wait_weights(waits, requests, thread_rows(rows, waits.off.tid))
    off = flame(
        chains.stacks,
        weights,
        chains.functions,
        budget.wait_flame_bytes(samples),
        known=on.strings,
        inlined=chains.inlined,
    )
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
    for missing in analysis.summary.unavailable:
        if missing.what.endswith(CHAINS):
            return f"{missing.why}; {missing.hint}" if missing.hint else missing.why
    return f"{CHAINS} were not recorded; --waits trace records them"
