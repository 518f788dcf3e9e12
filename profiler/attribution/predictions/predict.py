"""`predictions` of summary.json: what other settings would make of a recording, or why that can't be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.predictions.models import (
    Model,
    bounded_spin,
    enough_wake_ups,
    no_spin,
    one_thread,
    wake_up_cpu_ns,
    wake_up_latency_ns,
)
from profiler.attribution.predictions.observed import observe
from profiler.attribution.predictions.replay import closed_latencies_ns, latencies_ns, rank_interval
from profiler.attribution.statistics import HUNDRED, percentile
from profiler.run.predictions import Basis, Predicted, PredictedConfiguration, PredictionFigures, WakeUpCost
from profiler.run.processes import PoolRole
from profiler.run.sections.unavailable import Unavailable
from profiler.spec.catalogue import presets
from profiler.spec.configuration import unhonoured
from profiler.spec.waits import Waits
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.predictions.observed import Observed
    from profiler.attribution.predictions.replay import Course
    from profiler.attribution.rules.chains import Frame
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.manifest import Manifest
    from profiler.run.records import Recorded
    from profiler.trace.model import Trace

SPIN_OFF, SPIN_BOUNDED, ONE_THREAD = "spin-off", "spin-1ms", "single-thread"
"""The presets that are predicted."""
SPIN_NS = 1_000_000
"""What `SPIN_BOUNDED` sets."""
CLOSE_CPU, CLOSE_LATENCY = 1.5, 2.0
"""A middle is said of bounds that are no further apart than this factor: a fifth, or a third, from either."""
TELLING = 10.0
"""Bounds further apart say nothing that anybody could use."""
TOO_WIDE = "{between}; the bounds are more than tenfold apart"
BEYOND = 5
"""Requests beyond a percentile from which on it is predicted: with fewer it is the accidents of a few."""

NO_POOL = Unavailable("no pool of worker threads was seen, so there is no waiting to configure")
NO_SWITCHES = Unavailable("context switches were not recorded", "record with --waits switches or trace")
NO_REQUESTS = Unavailable(
    "no request was seen from its start to its end", "record longer, or while it has work to do"
)
USER_ONLY = Unavailable(
    "the kernel was off limits, and with it what wake-ups cost", "record as root, or with CAP_PERFMON"
)
INTER_OP = Unavailable(
    "operators run side by side (parallel execution), whose pools wait for each other",
    "record with sequential execution",
)
UNKNOWN_REQUESTS = "the requests of {whose} are not known, whose CPU time would count as the others'"
MARKS = "mark them (docs/marks.md), or record longer"
LIMITED = "a CPU limit stops the process at instants that depend on all CPU time before"
AS_RECORDED = "no pool that was recorded polls: this is what was recorded"
NO_POLLING = "no pool that was recorded polls, so how long one would is not known"
TOO_FEW_WAKE_UPS = "too few wake-ups of workers were seen to know what one costs here"
NO_SAMPLE_OF_WAKING = (
    "no sample met a thread as it woke a worker or was woken, so what that costs is not known"
)
NOT_HONOURED = "this ONNX Runtime ({version}) does not honour spin_duration_us, which came with {since}"
CLOSED = "in a closed loop as many requests come as are served"
FEW = "too few requests to predict p{which}, which takes {needed}"
CROWDED = "requests were held up at times without a CPU, and whether they will be then is not known"
IN_THE_WAY = (
    "a worker that is woken on its caller's CPU and polls there is in its way, and where it is woken is the "
    "scheduler's choice"
)
NO_PAUSE = "ONNX Runtime counts pauses instead of time, and how long its loop takes besides was not seen"


def predict(
    recorded: Recorded,
    trace: Trace,
    frames: Sequence[Frame],
    *,
    attribution: Attribution,
    off: OffCpuProfile | None,
    told: bool,
) -> PredictionFigures | Unavailable:
    """Predict other settings from the profile phase.

    `frames` are the rules' view of `trace.frames`; `told` where requests are known.
    """
    manifest = recorded.manifest
    why = _impossible(manifest)
    if why is not None:
        return why
    if off is None:
        return NO_SWITCHES
    if not told or not len(off.anatomies):
        return NO_REQUESTS
    seen = observe(
        trace,
        frames,
        attribution=attribution,
        off=off,
        process=manifest.threads,
        counters=recorded.counters["profile"],
    )
    if not seen.pools:
        return NO_POOL
    inferred = any(not request.source.exact for request in off.anatomies.requests)
    latency, cpu = wake_up_latency_ns(seen, 50), wake_up_cpu_ns(seen)
    return PredictionFigures(
        basis=Basis.INFERRED if inferred else Basis.MARKED,
        requests=len(seen.requests),
        wake_up=WakeUpCost(
            count=sum(pool.wake_ups for pool in seen.pools),
            latency_ms=latency / 1e6 if seen.wake_latencies_ns else None,
            cpu_ms=None if cpu is None else cpu / 1e6,
        ),
        configurations=[
            _configuration(name, seen, manifest) for name in (SPIN_OFF, SPIN_BOUNDED, ONE_THREAD)
        ],
    )


def unpredictable(unknown: Sequence[str]) -> Unavailable:
    """Say why nothing is predicted where pools or threads worked for requests that are not known."""
    return Unavailable(UNKNOWN_REQUESTS.format(whose=", ".join(unknown)), MARKS)


def _impossible(manifest: Manifest) -> Unavailable | None:
    """Return what in the recording itself forbids predictions; None where nothing does."""
    perf, pools = manifest.perf, manifest.threads.pools
    if perf is None or perf.light or perf.waits is Waits.OFF or manifest.imported is not None:
        return NO_SWITCHES
    if perf.user_only:
        return USER_ONLY
    return INTER_OP if any(pool.role is PoolRole.INTER_OP for pool in pools) else None


def _configuration(name: str, seen: Observed, manifest: Manifest) -> PredictedConfiguration:
    modelled = _model(name, seen, manifest)
    cpu = _cpu(modelled, len(seen.requests))
    percent = _cpu(modelled, seen.seconds * 10)  # ms a second are tenths of a percent
    closed = manifest.workload is not None and manifest.workload.arrivals is Arrivals.CLOSED
    if closed:
        percent = Predicted(unavailable=CLOSED)
    p50, p95 = (
        Predicted(unavailable=LIMITED)
        if _limited(manifest)
        else _percentile(which, seen, modelled, closed=closed)
        for which in (50, 95)
    )
    return PredictedConfiguration(
        config=name,
        settings=_settings(name),
        cpu_ms_per_request=cpu,
        cpu_percent=percent,
        p50_ms=p50,
        p95_ms=p95,
    )


def _settings(name: str) -> dict[str, str]:
    configuration = presets().find(name)
    threads = {"intra_op_num_threads": str(configuration.threads)} if configuration.threads else {}
    return threads | configuration.entries


def _model(name: str, seen: Observed, manifest: Manifest) -> Model | str:
    """Return a configuration's effect, or why it can't be told."""
    if name == ONE_THREAD:
        return one_thread(seen)
    if not any(pool.spins for pool in seen.pools):
        return AS_RECORDED if name == SPIN_OFF else NO_POLLING
    known, version = presets(), manifest.ort.version
    if name == SPIN_BOUNDED and unhonoured(known.find(name), version, known.settings):
        since = known.find(name).since(known.settings)
        return NOT_HONOURED.format(version=version or "version unknown", since=since)
    cost = wake_up_cpu_ns(seen)
    if cost is None:
        return NO_SAMPLE_OF_WAKING if enough_wake_ups(seen) else TOO_FEW_WAKE_UPS
    if name == SPIN_OFF:
        return no_spin(seen, cost)
    return bounded_spin(seen, SPIN_NS, cost) if seen.pause_share else NO_PAUSE


def _limited(manifest: Manifest) -> bool:
    targets = () if manifest.attached is None else manifest.attached.targets
    budgets = [manifest.cpus, *(target.cpus for target in targets)]
    return manifest.limit is not None or any(cpus is not None and cpus.quota is not None for cpus in budgets)


def _cpu(modelled: Model | str, parts: float) -> Predicted:
    if isinstance(modelled, str):
        return Predicted(unavailable=modelled)
    low, likely, high = (ns / 1e6 / parts for ns in modelled.cpu_ns)
    return _figure(low, likely, high, modelled.between, CLOSE_CPU)


def _percentile(which: int, seen: Observed, modelled: Model | str, *, closed: bool) -> Predicted:
    if isinstance(modelled, str):
        return Predicted(unavailable=modelled)
    if modelled.courses is None:
        return Predicted(unavailable=IN_THE_WAY)
    if len(seen.requests) * (HUNDRED - which) < BEYOND * HUNDRED:
        needed = HUNDRED * BEYOND // (HUNDRED - which)
        return Predicted(unavailable=FEW.format(which=which, needed=needed))
    low, likely, high = (_latencies_ms(seen, course, closed=closed) for course in modelled.courses)
    first, last = rank_interval(which, len(seen.requests))
    return _figure(
        low[first], percentile(likely, which), high[last], modelled.between or CROWDED, CLOSE_LATENCY
    )


def _latencies_ms(seen: Observed, course: Course, *, closed: bool) -> list[float]:
    latencies = closed_latencies_ns(course) if closed else latencies_ns(seen.requests, course)
    return sorted(max(0.0, latency) / 1e6 for latency in latencies)


def _figure(low: float, likely: float, high: float, between: str, close: float) -> Predicted:
    """Return a figure with its interval; `between` says why it has no value where bounds are far apart."""
    low, high = max(0.0, min(low, likely)), max(high, likely)
    if between and high > TELLING * low:
        return Predicted(unavailable=TOO_WIDE.format(between=between))
    if between and high > close * low:
        return Predicted(low=low, high=high, unavailable=between)
    return Predicted(value=likely, low=low, high=high)
