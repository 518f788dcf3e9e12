"""The data that the page's script draws the flame graphs and the timeline from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.findings import formats
from profiler.findings.function_names import shorten
from profiler.findings.threads import thread_rows
from profiler.pages.base import budget
from profiler.pages.flame.graphs import graphs
from profiler.pages.run.thread_table import MOST_ROWS
from profiler.pages.timeline.quota import Quota, quota
from profiler.pages.timeline.timeline import timeline
from profiler.pages.timeline.wakeups import wake_ups
from profiler.run.kinds import EVIDENCES, KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.analysis import Analysis, Profile
    from profiler.findings.threads import SampledThread
    from profiler.pages.run.tail import Tails


@dataclass(frozen=True, slots=True)
class Payload:
    """The data, and what was merged to keep the page small."""

    data: dict[str, Any]
    merged: tuple[str, ...]
    """Sentences."""
    off_why: str
    """Why there is no flame graph of time off the CPU; empty where there is."""
    quota: Quota | None
    """None without a limit."""


def payload(
    analysis: Analysis,
    profile: Profile,
    threads: Sequence[SampledThread],
    tails: Tails | None,
) -> Payload:
    """Return the data of a profile."""
    attribution, bounds = profile.attribution, phase_bounds(analysis, profile)
    requests = [request for request in analysis.requests if request.phase == "profile"]
    samples = len(attribution.time_ns)
    thread = thread_rows(list(threads), attribution.tid)
    flames = graphs(analysis, profile, threads)
    wakes = wake_ups(profile.off_cpu, list(threads), requests, bounds[0])
    strip = quota(analysis, profile, bounds)
    beside = (wakes.columns if wakes else {}) | (strip.columns if strip else {})
    room = budget.timeline_bytes(samples) - sum(map(len, beside.values()))
    lanes = timeline(attribution, thread, requests, bounds, room)
    merged = [*flames.merged]
    if lanes.resolution_us:
        merged.append(
            f"The timeline shows steps of {formats.ms(lanes.resolution_us / 1e3)}, each with the kind that "
            "took most of it."
        )
    if lanes.merged_requests:
        merged.append("Neighbouring requests are drawn as one in the timeline: there were too many.")
    if wakes and wakes.kept < wakes.count:
        merged.append(f"The timeline has arrows for {wakes.kept:,} of {wakes.count:,} wake-ups.")
    if strip and strip.merged:
        merged.append("Neighbouring periods of the quota are drawn as one: there were too many.")
    if len(threads) > MOST_ROWS:
        merged.append(f"The table of threads leaves out {len(threads) - MOST_ROWS:,} of {len(threads):,}.")
    return Payload(
        {
            "kinds": [kind.value for kind in KINDS],
            "evidences": [evidence.value for evidence in EVIDENCES],
            "threads": [
                {"label": shorten(lane.label), "tid": lane.tid, "role": lane.role.value} for lane in threads
            ],
            "phase_us": lanes.us,
            "tail_us": round(tails.wall_p50_ms * 1e3) if tails else 0,
            "quota": strip.about if strip else None,
            "wakes": wakes is not None,
            "flames": flames.about,
            "strings": flames.strings,
            "columns": flames.columns | lanes.columns | beside,
        },
        tuple(merged),
        flames.off_why,
        strip,
    )


def phase_bounds(analysis: Analysis, profile: Profile) -> tuple[int, int]:
    """Return the profile phase's begin and end (ns); the samples' where the manifest does not say."""
    phase = analysis.manifest.phase("profile")
    if phase is not None and phase.end_ns > phase.start_ns:
        return phase.start_ns, phase.end_ns
    time_ns = profile.attribution.time_ns
    return (int(time_ns[0]), int(time_ns[-1]) + 1) if len(time_ns) else (0, 1)
