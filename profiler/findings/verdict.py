"""The verdict in words: what a run's summary says, and what to try next.

Pure, plain text, from summary.json's content alone; the page and the terminal show the same sentences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import (
    advice,
    attached,
    formats,
    imported,
    injected,
    light,
    other_pools,
    sleep_polls,
)
from profiler.findings.finding import Finding
from profiler.findings.formats import count, ms, percent
from profiler.findings.inter_op_words import inter_op_sentence
from profiler.findings.load import cpu_limit, overload
from profiler.findings.load.length_words import tail_by_length
from profiler.findings.load.neighbour_words import neighbour_sentence
from profiler.findings.losses import lost_time
from profiler.findings.observer import disturbance
from profiler.findings.percentiles import latency_note
from profiler.findings.spin_window_words import spin_window_brief
from profiler.findings.thresholds import ENOUGH_SAMPLES, FEW_SAMPLES, MUCH_OF_COST
from profiler.findings.typography import capital
from profiler.run.cut_short import CUT_SHORT
from profiler.run.kinds import Kind, Part
from profiler.run.summary import available, why_not

if TYPE_CHECKING:
    from profiler.run.sections.cpu_section import CpuFigures
    from profiler.run.sections.load_section import PhaseFigures, ThrottledFigures
    from profiler.run.summary import Summary

MUCH = 0.2
"""A share of the CPU time worth acting on."""
SOME = 0.1
"""A share of the CPU time worth a sentence."""
MOST_OF_CPUS = 0.5
"""A share of the CPUs beyond which a process may well be in its own way."""
WITHOUT_PROFILE = (Finding.NO_FIGURES, Finding.DID_NOTHING, Finding.NO_PROFILE)
"""What stands out where no CPU time is to be told apart."""
NOTHING_SEEN = {
    Finding.NO_FIGURES: "This run holds no figures: it ended before anything was measured.",
    Finding.DID_NOTHING: "What was recorded did nothing: no CPU time was used, and no call of Run was seen.",
}
THROTTLED_OFTEN = 0.05
"""Throttled periods, of all, that tail latency feels."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences, each complete in itself; that perf disturbed is said before what the profile shows."""

    finding: Finding
    headline: str
    details: tuple[str, ...]
    """What else matters, with figures."""
    doubts: tuple[str, ...]
    """What limits how sure this is; may be empty."""
    advice: tuple[str, ...]
    """What to try next; may be empty."""

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return " ".join((self.headline, *self.details, *self.advice, *self.doubts))


def verdict(summary: Summary) -> Verdict:
    """Judge a run by its summary (schema `ortprof.summary/1`)."""
    finding = find(summary)
    headline, *details = _told(finding, summary)
    return Verdict(
        finding,
        headline,
        tuple(details),
        tuple(_doubts(finding, summary)),
        tuple(advice.sentences(finding, summary, crowded=is_crowded(summary))),
    )


def find(summary: Summary) -> Finding:
    """Return what stands out in a summary."""
    cpu, measured = available(summary.cpu), available(summary.measured)
    if throttled_share(summary) > THROTTLED_OFTEN:
        return Finding.THROTTLED
    if attached.did_nothing(summary):
        return Finding.DID_NOTHING
    if cpu is None or not cpu.total_ms:
        return Finding.NO_FIGURES if measured is None else Finding.NO_PROFILE
    if summary.samples < FEW_SAMPLES:
        return Finding.TOO_FEW_SAMPLES
    largest = _largest_cost(cpu)
    # Waste is to be had whoever else is there; work that waits for a CPU is no fault of the work's.
    return Finding.CROWDED_OUT if is_crowded(summary) and largest is not Finding.IDLE_SPIN else largest


def _largest_cost(cpu: CpuFigures) -> Finding:
    """Return what stands out in where the CPU time went."""
    if cpu.share(Kind.SPIN_IDLE) >= MUCH:
        return Finding.IDLE_SPIN
    ordered = {
        Finding.BUSY_SPIN: _spin_inside(cpu),
        Finding.FUTEX: cpu.share(Kind.FUTEX),
        Finding.UNKNOWN: cpu.share(Kind.UNKNOWN),
    }
    largest = max(ordered, key=lambda finding: ordered[finding])
    if ordered[largest] >= MUCH:
        return largest
    return Finding.COMPUTE if cpu.share(Kind.COMPUTE) >= 1 - 2 * MUCH else Finding.MIXED


def margin(samples: int) -> float:
    """Return how far a share may be off, either way, with 95 % confidence: 1.96 sqrt(p (1 - p) / n), p = 1/2.

    The normal approximation of the binomial distribution, at its widest.
    """
    return 0.98 / math.sqrt(samples)


def throttled_share(summary: Summary) -> float:
    """Return the share of CFS periods in which the measured process was stopped; 0 without a limit."""
    throttled = _throttled(summary)
    return throttled.throttled_periods / throttled.periods if throttled and throttled.periods else 0.0


def crowded_share(summary: Summary) -> float:
    """Return the share of requests' time in service in which other programs had the CPU; 0 if not known.

    What they waited before is no part of it: a queue grows because of such waits.
    """
    request = available(summary.request)
    if request is None or not request.wall_ms.mean:
        return 0.0
    served = request.wall_ms.mean - request.by_kind[Part.LATE]
    return (request.by_kind[Part.RUNNABLE] - request.runnable_own_ms) / served if served > 0 else 0.0


def is_crowded(summary: Summary) -> bool:
    """Whether requests wait for CPUs that other programs have, while this process uses little of them."""
    return crowded_share(summary) >= MUCH and _own_use(summary) < MOST_OF_CPUS


def _own_use(summary: Summary) -> float:
    """Return the share of the CPUs it may use that the profiled process itself used."""
    profiled = available(summary.profiled)
    cpus = summary.host.cpus if summary.cpus is None else summary.cpus.usable
    return profiled.cpu_percent / 100 / cpus if profiled is not None and cpus else 1.0


def _throttled(summary: Summary) -> ThrottledFigures | None:
    measured = available(summary.measured)
    return measured.throttled if measured is not None else None


def _spin_inside(cpu: CpuFigures) -> float:
    """Return the share of spinning inside requests."""
    return cpu.share(Kind.SPIN_BUSY) + cpu.share(Kind.SPIN_JOIN)


def _headline(finding: Finding, summary: Summary) -> str:
    if finding in NOTHING_SEEN:
        return NOTHING_SEEN[finding]
    throttled = _throttled(summary)
    if finding is Finding.THROTTLED and throttled is not None:
        return cpu_limit.headline(summary, throttled)
    cpu = available(summary.cpu)
    if finding is Finding.NO_PROFILE or cpu is None:
        why = why_not(summary.cpu) or "no CPU time was counted"
        return f"Where the CPU time went is not known: {why}."
    total = imported.spent(cpu.total_ms, summary.imported)
    if finding is Finding.TOO_FEW_SAMPLES:
        samples = count(summary.samples, "sample")
        total = f"{ms(cpu.total_ms)} of CPU time"
        return f"{samples} in {total} are too few to say where it went."
    if finding is Finding.CROWDED_OUT:
        return _crowd(summary)
    idle, inside, futex, unknown, compute = (
        percent(share)
        for share in (
            cpu.share(Kind.SPIN_IDLE),
            _spin_inside(cpu),
            cpu.share(Kind.FUTEX),
            cpu.share(Kind.UNKNOWN),
            cpu.share(Kind.COMPUTE),
        )
    )
    return {
        Finding.IDLE_SPIN: f"Of {total}, {idle} was {_who_spins(summary)} {_while_idle(summary)}.",
        Finding.BUSY_SPIN: f"Of {total}, {inside} was {_who_spins_inside(summary)}.",
        Finding.FUTEX: f"Of {total}, {futex} went into putting threads to sleep and waking them up (futex).",
        Finding.UNKNOWN: f"Of {total}, {unknown} could not be told apart.",
        Finding.COMPUTE: f"Of {total}, {compute} was computing: this configuration leaves the thread "
        "pool little to waste.",
        Finding.MIXED: f"No single cost stands out in {total}.",
    }[finding]


def _who_spins(summary: Summary) -> str:
    slept = sleep_polls.are_most(summary, sleep_polls.IDLE)
    return "threads polling with sleeps" if slept else "worker threads spinning"


def _who_spins_inside(summary: Summary) -> str:
    if sleep_polls.are_most(summary, sleep_polls.INSIDE):
        return "threads polling with sleeps while requests were in flight"
    return "threads spinning inside requests, waiting for each other"


def _while_idle(summary: Summary) -> str:
    known = summary.imported is None and attached.knows_requests(summary)
    if not known:
        return "for work to come"
    return f"while no request was in flight{' (inferred)' if summary.requests_inferred else ''}"


def _crowd(summary: Summary) -> str:
    return (
        f"For {percent(crowded_share(summary))} of their time in service requests waited "
        "for a CPU that other programs had: "
        f"what was profiled used {percent(_own_use(summary))} of the CPUs it may use."
    )


def _told(finding: Finding, summary: Summary) -> list[str]:
    """Return the headline and the details: what was measured comes first where perf disturbed."""
    measured, cpu = available(summary.measured), available(summary.cpu)
    disturbed = disturbance(summary)
    unsaid = finding in (*WITHOUT_PROFILE, Finding.TOO_FEW_SAMPLES)
    stands_out, cost = (
        [_headline(finding, summary)],
        [] if measured is None else [_cost(measured, inferred=not attached.told(summary))],
    )
    others = [] if unsaid or cpu is None else _others(finding, cpu)
    cut_short = [f"{capital(doubt.why)}." for doubt in summary.unavailable if doubt.what in CUT_SHORT]
    if disturbed is None:
        told = [*stands_out, *others, *cost]
    elif finding is Finding.THROTTLED:
        told = [*stands_out, *cost, disturbed, *cpu_limit.spun(summary), *others]
    else:
        told = [*cost, disturbed, *stands_out, *others]
    queued = overload.sentences(summary)
    first = len(stands_out) if finding is Finding.THROTTLED else 0
    place = first if overload.is_overloaded(summary) else len(told)
    details = _profiled_details(finding, summary)
    return [*cut_short, *told[:place], *queued, *told[place:], *details]


def _sentence(text: str) -> str:
    return f"{capital(text)}."


def _profiled_details(finding: Finding, summary: Summary) -> list[str]:
    said = [
        *injected.sentences(summary),
        *attached.details(summary),
        *other_pools.told(summary),
        *sleep_polls.told(summary),
        *inter_op_sentence(summary),
        *tail_by_length(summary),
        *neighbour_sentence(summary),
        *cpu_limit.details(summary),
    ]
    cpu, profiled = available(summary.cpu), available(summary.profiled)
    cost = profiled.cpu_ms_per_request if profiled is not None else None
    if finding is Finding.IDLE_SPIN and cpu is not None and cost:
        said.append(_without_spinning(cost, cpu))
    if finding is Finding.IDLE_SPIN and is_crowded(summary):
        said.append(_crowd(summary))
    said += spin_window_brief(summary)
    return said + lost_time(summary)


def _without_spinning(cost_ms: float, cpu: CpuFigures) -> str:
    """Say what a request would cost; what is spun within it goes as well, and is named if it is much."""
    rest, inside = (cost_ms * share for share in (1 - cpu.share(Kind.SPIN_IDLE), cpu.share(Kind.SPIN_BUSY)))
    also = f", {ms(inside)} of them spinning within requests" if inside >= MUCH_OF_COST * rest else ""
    return f"Without that spinning, the {ms(cost_ms)} of a profiled request would be {ms(rest)}{also}."


def _doubts(finding: Finding, summary: Summary) -> list[str]:
    sentences = []
    if not summary.complete:
        sentences.append("The run was stopped early: this is what was recorded until then.")
    samples = 0 if light.is_light(summary) else summary.samples  # of a light one, intervals are given
    if finding not in WITHOUT_PROFILE and FEW_SAMPLES <= samples < ENOUGH_SAMPLES:
        points = f"{100 * margin(samples):.0f} points"
        sentences.append(f"The shares rest on {count(samples, 'sample')}: they may be off by up to {points}.")
    measured = available(summary.measured)
    return sentences + (latency_note(measured) if measured is not None else [])


def _cost(measured: PhaseFigures, *, inferred: bool) -> str:
    """Return what a user of the machine pays, from the phase where nothing was attached.

    Requests that are inferred are known under perf alone.
    """
    if not measured.requests and inferred:
        return f"Measured without perf, it used {measured.cpu_percent:.1f} % of one core."
    if not measured.requests:
        return f"No request ran in the measured phase; it used {measured.cpu_percent:.1f} % of one core."
    latency = measured.latency_ms
    p95, p50 = latency.p95, latency.p50
    seen = f"p95 latency {ms(p95)}" if p95 is not None else f"median latency {ms(p50)}" if p50 else ""
    cost = f"Measured without perf, a request cost {ms(measured.cpu_ms_per_request)} of CPU time"
    load = f"the process used {measured.cpu_percent:.1f} % of one core"
    return f"{cost} and {load}{'; ' + seen if seen else ''}."


def _others(finding: Finding, cpu: CpuFigures) -> list[str]:
    """Return the other shares worth knowing beside the headline's."""
    parts = {
        "computing": cpu.share(Kind.COMPUTE),
        "idle spinning": cpu.share(Kind.SPIN_IDLE),
        "spinning inside requests": _spin_inside(cpu),
        "futex calls": cpu.share(Kind.FUTEX),
        "application code": cpu.share(Kind.APP),
        "the rest of the kernel": cpu.share(Kind.KERNEL),
        "not to be told": cpu.share(Kind.UNKNOWN),
    }
    said = {
        Finding.IDLE_SPIN: "idle spinning",
        Finding.BUSY_SPIN: "spinning inside requests",
        Finding.FUTEX: "futex calls",
        Finding.COMPUTE: "computing",
        Finding.UNKNOWN: "not to be told",
    }.get(finding)
    others = ((part, name) for name, part in parts.items() if part >= SOME and name != said)
    listed = [f"{percent(part)} was {name}" for part, name in sorted(others, reverse=True)]
    if not listed:
        return []
    return [f"{'Another ' if said else ''}{formats.listed(listed)}."]
