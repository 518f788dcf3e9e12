"""Processes that were attached to, and the pools that were seen in them, in words and rows; pure.

What is said here was observed from outside or inferred from that: the words say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats, light
from profiler.findings.parts import NOTHING, PartRow
from profiler.findings.typography import capital
from profiler.run.kinds import Category, Kind
from profiler.run.request import RequestSource
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.run.attached import MappedRuntime, Target
    from profiler.run.parts import InferredSettings, PoolFigures
    from profiler.run.sections.load_section import PhaseFigures
    from profiler.run.summary import Summary

PROCESS_COLUMNS = ("program", "ONNX Runtime", "threads", "CPU", "other pools", "remarks")
OBSERVED_COLUMNS = ("threads", "callers", "CPU ms", "polling", "computing", "idle threads", "pinned")
"""CPU ms and shares under perf; what idle threads do, inferred."""
EVIDENCE_COLUMNS = ("process", "told apart by", "worker threads", "calling threads")
KNOWN_BY = {
    RequestSource.WORKLOAD: "as the program says",
    RequestSource.MARKS: "as the program says",
    RequestSource.LOG: "as the log says",
    RequestSource.ORT_PROFILE: "as ONNX Runtime's profile says",
    RequestSource.PROBES: "as the kernel's probes saw",
    RequestSource.INFERRED: "inferred from what threads do between their waits",
}
MOST_NAMED = 4
"""Pools that a sentence names."""


def knows_requests(summary: Summary) -> bool:
    """Whether anybody told when requests were in flight; of attached processes, nobody may have."""
    profiled = available(summary.profiled)
    return summary.attached is None or (profiled is not None and profiled.requests > 0)


def told(summary: Summary) -> bool:
    """Whether somebody told of requests, so that they are known without perf too."""
    return summary.attached is None or (knows_requests(summary) and not summary.requests_inferred)


def did_nothing(summary: Summary) -> bool:
    """Whether processes were watched for a time in which they used no CPU at all."""
    profiled = available(summary.profiled)
    if summary.attached is None or profiled is None:
        return False
    return profiled.seconds > 0 and not profiled.cpu_ms and not profiled.requests


def process_rows(summary: Summary) -> list[PartRow]:
    """Return a row a process; empty where nobody was attached to."""
    if summary.attached is None:
        return []
    return [_process(target) for target in summary.attached.targets]


def _process(target: Target) -> PartRow:
    cpus = f"{target.cpus.usable:g}"
    remarks = [
        *(["in a container"] if target.contained else []),
        *(["joined"] if target.joined else []),
        *(["musl"] if target.libc == "musl" else []),
        *([f"ended after {target.ended_seconds:.1f} s"] if target.ended_seconds is not None else []),
    ]
    cells = (
        target.command,
        "; ".join(map(runtime_text, target.runtimes)) or NOTHING,
        str(target.threads),
        cpus if target.cpus.quota is None else f"{cpus} (quota)",
        ", ".join(target.others) or NOTHING,
        ", ".join(remarks) or NOTHING,
    )
    return PartRow(str(target.pid), cells)


def runtime_text(runtime: MappedRuntime) -> str:
    """Return a mapped ONNX Runtime in a few words."""
    return f"{runtime.version or 'version unknown'}, {runtime.origin.value}"


def observed_rows(summary: Summary) -> list[PartRow]:
    """Return a row a pool that was observed; empty where the workload told of its pools."""
    return [_pool(pool, pool.inferred) for pool in summary.pools if pool.inferred is not None]


def _pool(pool: PoolFigures, inferred: InferredSettings) -> PartRow:
    total = pool.total_ms or 0.0
    working = sum(ms for kind, ms in pool.by_kind.items() if kind.category is Category.EFFECTIVE)
    cells = (
        str(pool.threads),
        str(pool.callers) if pool.callers else NOTHING,  # in a light recording: not known
        f"{total:,.1f}",
        f"{polling(pool) / total:.0%}" if total else NOTHING,
        f"{working / total:.0%}" if total else NOTHING,
        idle_words(inferred),
        str(inferred.pinned) if inferred.pinned else "none",
    )
    return PartRow(pool.id, cells)


def evidence_rows(summary: Summary) -> list[PartRow]:
    """Return, for each observed pool, what tells it apart and which threads it and its callers are."""
    return [
        PartRow(
            pool.id,
            (
                str(pool.process),
                ", ".join(pool.evidence) or NOTHING,
                ", ".join(map(str, pool.tids)),
                ", ".join(map(str, pool.caller_tids)) or NOTHING,
            ),
        )
        for pool in summary.pools
        if pool.inferred is not None
    ]


def polling(pool: PoolFigures) -> float:
    """Return the CPU milliseconds in which a pool's threads polled for work."""
    return pool.by_kind.get(Kind.SPIN_IDLE, 0.0) + pool.by_kind.get(Kind.SPIN_BUSY, 0.0)


def idle_words(inferred: InferredSettings) -> str:
    """Say what idle threads of a pool do."""
    if inferred.spins is None:
        return "too little seen"
    if not inferred.spins:
        return "block"
    after = inferred.blocks_after_ms
    return "spin" if after is None else f"spin, block after {formats.ms(after)}"


def details(summary: Summary) -> list[str]:
    """Return what a reader wants first: the use of the CPU, which pools spin, and which do not."""
    if summary.attached is None:
        return []
    said = []
    profiled = available(summary.profiled)
    if profiled is not None:
        processes = formats.count(len(summary.attached.targets), "process", "processes")
        used = f"{profiled.cpu_percent:.1f} % of one core"
        said.append(f"In {profiled.seconds:.0f} s {processes} used {used} {light.watched(summary)}.")
        said += _request_sentences(profiled)
    return [*said, *_pool_sentences(summary), *light.sentences(summary)]


def _request_sentences(profiled: PhaseFigures) -> Iterator[str]:
    """Say how many requests there were, and how that is known."""
    if not profiled.requests:
        return
    counted = formats.count(profiled.requests, "request", "requests")
    sources = profiled.requests_known_by or [RequestSource.WORKLOAD]
    how = formats.listed([KNOWN_BY[source] for source in sources])
    cost, latency = profiled.cpu_ms_per_request, profiled.latency_ms
    each = "" if cost is None else f", {formats.ms(cost)} of CPU time each"
    seen = f"; median latency {formats.ms(latency.p50)}" if latency.p50 is not None else ""
    yield f"{counted} ({how}){each}{seen}."
    if profiled.requests_unknown_of:
        yield f"{capital(unknown_requests(profiled))}: CPU time a request is not told."


def unknown_requests(phase: PhaseFigures) -> str:
    """Say whose requests are not known though there is their work; empty where all are known."""
    whose = formats.listed(phase.requests_unknown_of)
    return f"the requests of {whose} are not known, whose CPU time would count as these'" if whose else ""


def _pool_sentences(summary: Summary) -> Iterator[str]:
    """Name the pools that spin, the largest cost first, then those that block."""
    inferred = [(pool, pool.inferred) for pool in summary.pools if pool.inferred is not None]
    spinning = sorted((pair for pair in inferred if pair[1].spins), key=lambda pair: -polling(pair[0]))
    for pool, settings in spinning[:MOST_NAMED]:
        window = settings.blocks_after_ms
        after = "" if window is None else f"; its threads block {formats.ms(window)} after they last worked"
        yield (
            f"{_named(pool, summary)} spins (inferred): {formats.percent(settings.polled or 0.0)} of its "
            f"{formats.ms(pool.total_ms)} CPU was polling for work{after}."
        )
    if len(spinning) > MOST_NAMED:
        yield f"{len(spinning) - MOST_NAMED} more pools spin."
    blocking = [pool.id for pool, settings in inferred if settings.spins is False]
    if blocking:
        verb = "blocks its" if len(blocking) == 1 else "block their"
        yield f"{capital(formats.listed(blocking))} {verb} idle threads at once (inferred)."
    if summary.pools == [] and available(summary.cpu) is not None and not did_nothing(summary):
        yield (
            "No pool of worker threads was seen: sessions have one thread each, or did nothing meanwhile. "
            "Where they have one thread, leave it as it is."
        )


def _named(pool: PoolFigures, summary: Summary) -> str:
    several = summary.attached is not None and len(summary.attached.targets) > 1
    where = f" of process {pool.process}" if several else ""
    return f"{capital(pool.id)} ({formats.count(pool.threads, 'thread')}{where})"
