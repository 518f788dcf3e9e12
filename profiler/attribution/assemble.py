"""What was loaded of a run -> its analysis, with the figures of summary.json. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler.attribution.analysis import Analysis, Profile
from profiler.attribution.cpu.attribute import attribute
from profiler.attribution.cpu.cpu_figures import cpu_figures, hot_rows, perf_figures
from profiler.attribution.cpu.cut import cut_samples
from profiler.attribution.cpu.hot_functions import merge_chains
from profiler.attribution.cpu.lone_leaves import by_leaf
from profiler.attribution.cpu.places import hot_places
from profiler.attribution.cpu.shared_leaves import with_settled_leaves
from profiler.attribution.cpu.told_kinds import with_told_kinds
from profiler.attribution.cpu.unread import unread_as_unknown
from profiler.attribution.operators.operator_profile import OperatorProfile, profile_operators
from profiler.attribution.pools.inferred import with_observed_pools
from profiler.attribution.pools.pool_figures import pool_figures
from profiler.attribution.pools.settings import spinning
from profiler.attribution.predictions.predict import predict, unpredictable
from profiler.attribution.requests.known import known_requests, sources_of
from profiler.attribution.requests.length_figures import length_figures
from profiler.attribution.requests.process_figures import process_figures
from profiler.attribution.requests.session_figures import session_figures
from profiler.attribution.requests.unknown import without_requests
from profiler.attribution.rules.chains import classify
from profiler.attribution.rules.frames import display_names, make_frames
from profiler.attribution.rules.leaves import classify_leaf
from profiler.attribution.statistics import load_figures
from profiler.attribution.throttled import cpu_budget, throttled_figures
from profiler.attribution.waits.shortfall import shortfall
from profiler.attribution.waits.wait_figures import request_of, spin_window_of, waits_of
from profiler.attribution.waits.wait_profile import profile_waits
from profiler.run.kinds import ROLES, Role
from profiler.run.sections.load_section import LabelledConfiguration, PhaseFigures
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import Summary, available
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from profiler.attribution.loading.decode import Decoded
    from profiler.attribution.loading.loaded import Loaded
    from profiler.attribution.requests.known import KnownRequests
    from profiler.attribution.rules.chains import Frame
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.doubt import Doubt
    from profiler.run.manifest import PerfSettings
    from profiler.run.predictions import PredictionFigures
    from profiler.run.records import Recorded
    from profiler.run.sections.cpu_section import CpuFigures, HotFunctionFigures, PerfFigures
    from profiler.run.sections.operator_section import OperatorsFigures
    from profiler.run.sections.request_section import RequestFigures
    from profiler.run.sections.wait_section import SpinWindowFigures, WaitFigures

NOT_PROFILED = Unavailable("nothing was profiled")
NOT_MEASURED = Unavailable("an import has what was sampled, and no counters of the kernel")
NO_TIMES = Unavailable(
    "the recording has no context switches that could be used",
    "record with perf record --switch-events",
)
PROFILED_ONLY = Unavailable("a process that was attached to is profiled only")
NO_REQUESTS = Unavailable(
    "nobody told which requests there were", "what polls is told from what works, busy from idle is not"
)
LIGHT = Unavailable("a light recording has no context switches and no call chains", "record without --light")
NO_SWITCHES = Unavailable("--waits off: context switches were not recorded")


def quiet(_text: str) -> None:
    """Say nothing: the default of those who take somebody to tell what they do."""


@dataclass(frozen=True, slots=True)
class _Figures:
    """The sections of summary.json that rest on the profile phase's recording."""

    perf: PerfFigures | Unavailable = NOT_PROFILED
    cpu: CpuFigures | Unavailable = NOT_PROFILED
    hot: tuple[HotFunctionFigures, ...] = ()
    waits: WaitFigures | Unavailable = NOT_PROFILED
    request: RequestFigures | Unavailable = NOT_PROFILED
    spin_window: SpinWindowFigures | Unavailable = NOT_PROFILED
    predictions: PredictionFigures | Unavailable = NOT_PROFILED
    doubts: tuple[Doubt, ...] = ()
    unknown: tuple[str, ...] = ()
    """Pools and threads whose requests are not known though they worked (`without_requests`)."""


def assemble(loaded: Loaded, say: Callable[[str], None] = quiet) -> Analysis:
    """Analyse a run; `say` is told each step."""
    recorded, decoded = loaded.recorded, loaded.profile
    profile, figures = None, _Figures()
    perf = recorded.manifest.perf
    if decoded is not None and perf is not None:
        frames = make_frames(decoded.trace, decoded.facts, _runtime_paths(recorded))
        known = known_requests(with_observed_pools(recorded, decoded.trace, frames), decoded.trace, frames)
        recorded = known.recorded
        profile, figures = _profile(known, perf, decoded, frames, loaded.root, say=say)
    off = None if profile is None else profile.off_cpu
    summary = msgspec.structs.replace(
        _summarise(recorded, decoded, figures),
        lengths=length_figures(recorded),
        processes=process_figures(recorded),
        sessions=session_figures(recorded, off),
        pools=pool_figures(recorded, None if profile is None else profile.attribution, off),
    )
    undisturbed = available(summary.profiled) or available(summary.measured)
    operators = profile_operators(recorded, loaded.operators, undisturbed, say)
    profiled_operators = operators if isinstance(operators, OperatorProfile) else None
    of_operators: OperatorsFigures | Unavailable
    of_operators = operators.figures if isinstance(operators, OperatorProfile) else operators
    return Analysis(
        recorded=recorded,
        summary=msgspec.structs.replace(summary, operators=of_operators),
        profile=profile,
        operators=profiled_operators,
        decoding=None if decoded is None else decoded.decoding,
    )


def _runtime_paths(recorded: Recorded) -> frozenset[str]:
    attached = recorded.manifest.attached
    return frozenset() if attached is None else attached.runtime_paths


def _profile(
    known: KnownRequests,
    perf: PerfSettings,
    decoded: Decoded,
    frames: Sequence[Frame],
    root: Path,
    *,
    say: Callable[[str], None],
) -> tuple[Profile, _Figures]:
    recorded, trace, facts = known.recorded, decoded.trace, decoded.facts
    process, counters = recorded.manifest.threads, recorded.counters["profile"]
    requests = recorded.requests_of("profile")
    say("attributing CPU time")
    attribution = attribute(
        trace,
        frames,
        process,
        counters,
        [*requests, *known.cut] if known.told else None,
        user_only=perf.user_only,
        judge=classify_leaf if perf.light else classify,
    )
    doubts: tuple[Doubt, ...] = ()
    if perf.light:
        leaves = trace.stacks.frames[attribution.stack]  # each stack is one frame
        workers = attribution.role == ROLES.index(Role.POOL)
        attribution = with_settled_leaves(attribution, frames, leaves, workers)
    if recorded.manifest.imported is not None:
        attribution, doubts = by_leaf(attribution, trace, frames, facts)
        attribution = with_told_kinds(unread_as_unknown(attribution, trace, facts), trace)
    names = display_names(trace, facts, attribution.tasks)
    functions = merge_chains(trace.stacks, attribution, names)
    off: OffCpuProfile | None = None
    if perf.waits is not Waits.OFF:
        say("following the requests")
        off = profile_waits(
            trace,
            attribution,
            frames=frames,
            frame_names=names,
            process=process,
            counters=counters,
            requests=requests,
            settings=perf,
        )
    without = LIGHT if perf.light else NO_SWITCHES if recorded.manifest.imported is None else NO_TIMES
    unknown = without_requests(known, attribution, trace, frames)
    waits = without if off is None else waits_of(off, attribution, counters, requests, whole=not unknown)
    figures = _Figures(
        perf=perf_figures(perf, trace, attribution, cut_samples(trace, facts, attribution)),
        cpu=cpu_figures(attribution, light=perf.light),
        hot=tuple(hot_rows(functions, hot_places(trace, attribution, names))),
        waits=waits,
        request=without
        if off is None
        else request_of(off.anatomies, off.settings)
        if known.told
        else NO_REQUESTS,
        spin_window=without
        if off is None
        else spin_window_of(off.windows_of(spinning(process.pools, attribution)))
        if known.told
        else NO_REQUESTS,
        predictions=predict(recorded, trace, frames, attribution=attribution, off=off, told=known.told)
        if not unknown
        else unpredictable(unknown),
        unknown=tuple(unknown),
        doubts=doubts
        if off is None or isinstance(waits, Unavailable)
        else (*doubts, *shortfall(waits, len(off.waits.off.tid), counters.cpu_ns)),
    )
    profile = Profile(
        trace,
        facts,
        names,
        attribution,
        functions,
        off,
        counters.throttling,
        root,
        decoded.decoding.build_ids,
    )
    return profile, figures


def _summarise(recorded: Recorded, decoded: Decoded | None, figures: _Figures) -> Summary:
    manifest = recorded.manifest
    configuration = manifest.configuration
    return Summary(
        run_id=manifest.run_id,
        complete=manifest.complete,
        created=manifest.created,
        config=None
        if configuration is None
        else LabelledConfiguration(**msgspec.structs.asdict(configuration), label=configuration.label),
        workload=manifest.workload,
        imported=manifest.imported,
        attached=manifest.attached,
        injected=manifest.injected,
        inputs=manifest.inputs,
        limit=manifest.limit,
        container=manifest.container,
        cpus=cpu_budget(manifest.cpus),
        ort=manifest.ort,
        host=manifest.host,
        measured=_phase(recorded, "measure"),
        neighbour=manifest.neighbour,
        profiled=_phase(recorded, "profile", figures.unknown),
        perf=figures.perf,
        cpu=figures.cpu,
        hot=list(figures.hot),
        cross_check=None if decoded is None else decoded.decoding.cross_check,
        waits=figures.waits,
        request=figures.request,
        spin_window_ms=figures.spin_window,
        predictions=figures.predictions,
        warnings=manifest.warnings,
        unavailable=[
            *manifest.unavailable,
            *(decoded.decoding.unavailable if decoded is not None else ()),
            *figures.doubts,
        ],
    )


def _phase(recorded: Recorded, name: str, unknown: Sequence[str] = ()) -> PhaseFigures | Unavailable:
    executed = recorded.manifest.phase(name)
    if name == "measure" and executed is None and recorded.manifest.attached is not None:
        return PROFILED_ONLY
    if recorded.manifest.imported is not None:
        return NOT_MEASURED
    if name not in recorded.counters or executed is None:
        return Unavailable(f"the {name} phase did not run")
    counters, requests = recorded.counters[name], recorded.requests_of(name)
    load = load_figures(counters, requests)
    if unknown:
        load = msgspec.structs.replace(load, cpu_ms_per_request=None)
    return PhaseFigures(
        **msgspec.structs.asdict(load),
        throttled=throttled_figures(counters.throttling, requests),
        unserved=executed.unserved,
        requests_known_by=sources_of(requests),
        requests_unknown_of=list(unknown),
    )
