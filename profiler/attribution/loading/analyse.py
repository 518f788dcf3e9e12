"""A run directory in, all that its report is made of out: the rim of attribution, where files are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.attribution.assemble import no_profile, profile_figures, summarise
from profiler.attribution.cpu.attribute import Attribution, attribute
from profiler.attribution.cpu.cut import cut_samples
from profiler.attribution.cpu.hot_functions import Functions, merge_chains
from profiler.attribution.cpu.places import hot_places
from profiler.attribution.loading.decode import load_trace
from profiler.attribution.operators.operator_figures import no_operators
from profiler.attribution.operators.operator_profile import OperatorProfile, profile_operators
from profiler.attribution.rules.facts import ROOT
from profiler.attribution.rules.frames import display_names, make_frames
from profiler.attribution.waits.wait_figures import no_waits, wait_figures
from profiler.attribution.waits.wait_profile import OffCpuProfile, profile_waits
from profiler.run.records import read_recorded
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest, Request
    from profiler.run.throttling import Throttling
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Profile:
    """What the profile phase gave."""

    trace: Trace
    facts: FrameFacts
    """What the libraries' code says about each frame of the trace."""
    frame_names: list[tuple[str, str]]
    """(function, library) of each frame of the trace, as tables and flame graphs show it."""
    attribution: Attribution
    functions: Functions
    off_cpu: OffCpuProfile | None = None
    """None when context switches were not recorded."""
    throttling: Throttling | None = None
    """What a CPU limit did; None without one."""
    root: Path = ROOT
    """The folder below which the profiled files are, as far as this machine has them."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything a report is made of."""

    manifest: Manifest
    requests: list[Request]
    summary: dict[str, Any]
    profile: Profile | None
    """None when there is no usable recording; the summary says why."""
    operators: OperatorProfile | None = None
    """None without a recording with ONNX Runtime's own profiler; the summary says why."""


def quiet(_text: str) -> None:
    """Say nothing: the default of `analyse`'s `say`."""


def analyse(run: RunDirectory, say: Callable[[str], None] = quiet) -> Analysis:
    """Analyse a run; decode recordings into traces (and complete run.json) where that was not done yet.

    Where it was, nothing is written, and neither perf nor the profiled libraries are needed.
    `UsageError` when the directory's files are not what ortprof writes; `MachineError` when perf fails.
    """
    recorded = read_recorded(run)
    manifest, counters, requests = recorded.manifest, recorded.counters, recorded.requests
    perf = manifest.perf
    if perf is None or "profile" not in counters:
        figures, profile = no_profile("nothing was profiled"), None
    else:
        trace, facts, manifest = load_trace(run, manifest, say)
        say("attributing CPU time")
        frames = make_frames(trace, facts)
        in_profile = [request for request in requests if request.phase == "profile"]
        attribution = attribute(
            trace,
            frames,
            manifest.process,
            counters["profile"],
            in_profile,
            user_only=perf.user_only,
        )
        names = display_names(trace, facts, attribution.tasks)
        functions = merge_chains(trace.stacks, attribution, names)
        figures = profile_figures(
            manifest,
            trace,
            attribution,
            functions,
            places=hot_places(trace, attribution, names),
            cut_chains=cut_samples(trace, facts, attribution),
        )
        off = None
        if perf.waits is Waits.OFF:
            figures |= no_waits("--waits off: context switches were not recorded")
        else:
            say("following the requests")
            off = profile_waits(
                trace,
                attribution,
                frames=frames,
                frame_names=names,
                process=manifest.process,
                counters=counters["profile"],
                requests=in_profile,
                settings=perf,
            )
            figures |= wait_figures(off, attribution, counters["profile"], in_profile)
        root = run.root(contained=manifest.container is not None)
        profile = Profile(
            trace, facts, names, attribution, functions, off, counters["profile"].throttling, root
        )
    summary = summarise(manifest, counters, requests, figures)
    operators = profile_operators(run, manifest, counters, requests, summary=summary, say=say)
    found = operators if isinstance(operators, OperatorProfile) else None
    summary |= found.figures if found else no_operators(str(operators))
    return Analysis(manifest, requests, summary, profile, found)
