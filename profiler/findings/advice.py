"""What to try next, by finding: data beside one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import imported, other_pools, sleep_polls
from profiler.findings.finding import Finding
from profiler.findings.formats import listed
from profiler.findings.load import cpu_limit
from profiler.findings.thresholds import NEEDED
from profiler.findings.worker_threads import what_to_set
from profiler.run.kinds import Kind
from profiler.run.summary import available
from profiler.spec.catalogue import presets
from profiler.spec.configuration import ALLOW_SPINNING, ExecutionMode, unhonoured

if TYPE_CHECKING:
    from profiler.run.summary import Summary


NEXT_STEPS = {
    Finding.NO_PROFILE: "Record again with --profile above 0 to see where the CPU time goes.",
    Finding.NO_FIGURES: "Record again.",
    Finding.DID_NOTHING: "Record while it has requests to serve.",
    Finding.TOO_FEW_SAMPLES: "Record longer (--profile) or with more requests (--rate).",
    Finding.CROWDED_OUT: "Find out what else runs on these CPUs (`top`), or keep them for this process "
    "(cpuset, taskset, a larger CPU request): no session setting gives back what others take.",
    Finding.BUSY_SPIN: "Try fewer threads (--threads) or single-thread: the pool has more threads than the "
    "model has parallel work.",
    Finding.FUTEX: "Try single-thread or fewer threads (--threads): each wake-up brings too little work to "
    "pay for itself.",
    Finding.COMPUTE: "To go faster, look at the model (quantisation, fused operators, a newer ONNX Runtime) "
    "and at the number of threads, not at spinning.",
    Finding.UNKNOWN: "Profile an ONNX Runtime with symbols, or see below what could not be read.",
    Finding.MIXED: "Record other configurations and compare: `ortprof configs` lists them.",
}
"""What to try, where that does not depend on more of the summary."""
NEXT_STEPS_ATTACHED = {
    Finding.NO_PROFILE: "Profile it again.",
    Finding.NO_FIGURES: "Profile it again.",
    Finding.DID_NOTHING: "Profile it while it has requests to serve.",
    Finding.TOO_FEW_SAMPLES: "Profile it for longer (--seconds), or while it has more to do.",
    Finding.BUSY_SPIN: "Fewer threads (intra_op_num_threads) spin less: the pool has more of them than the "
    "model has parallel work.",
    Finding.FUTEX: "Fewer threads (intra_op_num_threads), or one, are woken less: each wake-up brings too "
    "little work to pay for itself.",
    Finding.MIXED: "Nothing here asks for other settings.",
}
"""Where that differs for processes that were attached to."""
INTER_OP = (
    "Parallel execution has an inter-op pool beside the intra-op one, and their threads add up: try "
    "sequential execution, or fewer inter-op threads."
)
INTER_ALLOW_SPINNING = "session.inter_op.allow_spinning"


def sentences(finding: Finding, summary: Summary, *, crowded: bool = False) -> list[str]:
    """Return what to try after a finding; first what workers of a service should set together.

    `crowded` where other programs have the CPUs besides.
    """
    settles = finding is not Finding.BUSY_SPIN or not sleep_polls.are_most(summary, sleep_polls.INSIDE)
    return [
        *what_to_set(summary),
        *other_pools.remedies(summary),
        *sleep_polls.remedies(summary),
        *(_after(finding, summary, crowded=crowded) if settles else ()),
    ]


def _after(finding: Finding, summary: Summary, *, crowded: bool) -> list[str]:
    if finding is Finding.THROTTLED:
        return cpu_limit.advice(summary)
    if finding is Finding.IDLE_SPIN and summary.imported is not None:
        return [imported.ADVICE]
    if finding is Finding.IDLE_SPIN:
        slept = sleep_polls.are_most(summary, sleep_polls.IDLE)
        settings = [] if slept else [_against_idle_spin(summary)]
        return [*settings, *([NEXT_STEPS[Finding.CROWDED_OUT]] if crowded else [])]
    if finding is Finding.UNKNOWN and summary.imported is not None:
        return [imported.see_more(summary.imported)]
    steps = [NEXT_STEPS[finding]]
    if summary.attached is not None:
        return [NEXT_STEPS_ATTACHED.get(finding, steps[0])]
    if finding in (Finding.BUSY_SPIN, Finding.FUTEX) and _runs_in_parallel(summary):
        steps.append(INTER_OP)
    measured = available(summary.measured)
    if finding is Finding.COMPUTE and measured is not None and 0 < measured.requests < NEEDED["p95"]:
        steps.append("Record longer (--measure) to see the tail of the latencies.")
    return steps


def _runs_in_parallel(summary: Summary) -> bool:
    """Whether operators run side by side, so that there is an inter-op pool as well."""
    return summary.config is not None and summary.config.execution_mode is ExecutionMode.PARALLEL


def _against_idle_spin(summary: Summary) -> str:
    if summary.attached is not None:
        return _against_observed_spin(summary)
    entries = {} if summary.config is None else summary.config.entries
    if entries.get(ALLOW_SPINNING) == "0":
        if _runs_in_parallel(summary) and entries.get(INTER_ALLOW_SPINNING) != "0":
            return f"Its inter-op pool still spins: set {INTER_ALLOW_SPINNING}=0 too, or run sequentially."
        return _spins_elsewhere(summary)
    known, version = presets(), summary.ort.version
    bounding = [
        name
        for name in ("spin-stop", "spin-1ms")
        if not unhonoured(known.find(name), version, known.settings)
    ]
    if not bounding:
        return "Try spin-off: it blocks idle threads at once."
    bounded = f"{' or '.join(bounding)}, which bound{'' if len(bounding) > 1 else 's'}"
    return f"Try spin-off, which blocks idle threads at once, or {bounded} the time they poll."


def _spins_elsewhere(summary: Summary) -> str:
    """Name the pool that spins most, and its session, in a run whose own configuration turns spinning off."""
    off = "This configuration turns spinning off, so these threads are another pool's: "
    spinning = max(summary.pools, key=lambda pool: pool.by_kind.get(Kind.SPIN_IDLE, 0), default=None)
    if spinning is None or not spinning.by_kind.get(Kind.SPIN_IDLE):
        return f"{off}see which below, and set the number of its threads."
    named = f"{off}those of {spinning.id}"
    session = next((candidate for candidate in summary.sessions if spinning.id in candidate.pools), None)
    if session is None or session.config == _label(summary):
        return f"{named}. See below, and set the number of its threads."
    whose = f"{named}, of the session of {session.model} ({session.config or 'settings not known'})"
    return f"{whose}. Set {ALLOW_SPINNING} to 0 there."


def _label(summary: Summary) -> str:
    return "" if summary.config is None else summary.config.label


def _against_observed_spin(summary: Summary) -> str:
    """Name the pools whose sessions want another setting, and the setting."""
    spinning = [pool.id for pool in summary.pools if pool.inferred is not None and pool.inferred.spins]
    of = f" for the sessions of {listed(spinning)}" if spinning else ""
    return (
        f"Set {ALLOW_SPINNING} to 0{of}: idle threads then block at once. `ortprof configs show spin-off` "
        "has the lines to paste."
    )
