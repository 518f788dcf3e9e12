"""The verdict in words: what a run's summary says, and what to try next.

Pure, plain text, from summary.json's content alone; the page and the terminal show the same sentences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from profiler.findings import advice, cpu_limit
from profiler.findings.formats import count, ms, percent
from profiler.findings.losses import lost_time
from profiler.findings.sections import FEW_SAMPLES, latency_note, observer_share, section
from profiler.findings.spin_window_words import spin_window_brief

if TYPE_CHECKING:
    from collections.abc import Mapping

MUCH = 0.2
"""A share of the CPU time worth acting on."""
SOME = 0.1
"""A share of the CPU time worth a sentence."""
THROTTLED_OFTEN = 0.05
"""Throttled periods, of all, that tail latency feels."""
DISTURBED = 0.25
"""Observer cost beyond which shares say little about the undisturbed workload."""
ENOUGH_SAMPLES = 400
"""From here on, shares are good to five points and need no word of caution."""


class Finding(str, Enum):
    """What stands out, the most important first."""

    NO_FIGURES = "no-figures"
    NO_PROFILE = "no-profile"
    TOO_FEW_SAMPLES = "too-few-samples"
    THROTTLED = "throttled"
    IDLE_SPIN = "idle-spin"
    BUSY_SPIN = "busy-spin"
    FUTEX = "futex"
    UNKNOWN = "unknown"
    COMPUTE = "compute"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences, each complete in itself."""

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


def verdict(summary: Mapping[str, Any]) -> Verdict:
    """Judge a run by its summary (schema `ortprof.summary/1`)."""
    finding = find(summary)
    return Verdict(
        finding,
        _headline(finding, summary),
        tuple(_details(finding, summary)),
        tuple(_doubts(finding, summary)),
        tuple(advice.sentences(finding.value, summary)),
    )


def find(summary: Mapping[str, Any]) -> Finding:
    """Return what stands out in a summary."""
    cpu, measured = section(summary, "cpu"), section(summary, "measured")
    if throttled_share(summary) > THROTTLED_OFTEN:
        return Finding.THROTTLED
    if cpu is None or not cpu["total_ms"]:
        return Finding.NO_FIGURES if measured is None else Finding.NO_PROFILE
    if (section(summary, "perf") or {}).get("samples", 0) < FEW_SAMPLES:
        return Finding.TOO_FEW_SAMPLES
    share = shares(summary)
    if share["spin-idle"] >= MUCH:
        return Finding.IDLE_SPIN
    ordered = {
        Finding.BUSY_SPIN: share["spin-busy"] + share["spin-join"],
        Finding.FUTEX: share["futex"],
        Finding.UNKNOWN: share["unknown"],
    }
    largest = max(ordered, key=lambda finding: ordered[finding])
    if ordered[largest] >= MUCH:
        return largest
    return Finding.COMPUTE if share["compute"] >= 1 - 2 * MUCH else Finding.MIXED


def margin(samples: int) -> float:
    """Return how far a share may be off, either way, with 95 % confidence: 1.96 sqrt(p (1 - p) / n), p = 1/2.

    The normal approximation of the binomial distribution, at its widest.
    """
    return 0.98 / math.sqrt(samples)


def shares(summary: Mapping[str, Any]) -> dict[str, float]:
    """Return each kind's share of the CPU time."""
    cpu = summary["cpu"]
    return {kind: part / cpu["total_ms"] for kind, part in cpu["by_kind"].items()}


def throttled_share(summary: Mapping[str, Any]) -> float:
    """Return the share of CFS periods in which the measured process was stopped; 0 without a limit."""
    throttled = (section(summary, "measured") or {}).get("throttled")
    if not throttled or not throttled["periods"]:
        return 0.0
    return float(throttled["throttled_periods"] / throttled["periods"])


def _headline(finding: Finding, summary: Mapping[str, Any]) -> str:
    if finding is Finding.NO_FIGURES:
        return "This run holds no figures: it ended before anything was measured."
    if finding is Finding.NO_PROFILE:
        why = summary["cpu"].get("unavailable", "no CPU time was counted")
        return f"Where the CPU time went is not known: {why}."
    if finding is Finding.THROTTLED:
        return cpu_limit.headline(summary)
    share, total = shares(summary), ms(summary["cpu"]["total_ms"])
    if finding is Finding.TOO_FEW_SAMPLES:
        samples = count(summary["perf"].get("samples", 0), "sample")
        return f"{samples} in {total} of CPU time are too few to say where it went."
    return {
        Finding.IDLE_SPIN: f"Of {total} CPU, {percent(share['spin-idle'])} was worker threads spinning while "
        "no request was in flight.",
        Finding.BUSY_SPIN: f"Of {total} CPU, {percent(share['spin-busy'] + share['spin-join'])} was threads "
        "spinning inside requests, waiting for each other.",
        Finding.FUTEX: f"Of {total} CPU, {percent(share['futex'])} went into putting threads to sleep and "
        "waking them up (futex).",
        Finding.UNKNOWN: f"Of {total} CPU, {percent(share['unknown'])} could not be told apart.",
        Finding.COMPUTE: f"Of {total} CPU, {percent(share['compute'])} was computing: this configuration "
        "leaves the thread pool little to waste.",
        Finding.MIXED: f"No single cost stands out in {total} CPU.",
    }[finding]


def _details(finding: Finding, summary: Mapping[str, Any]) -> list[str]:
    measured, profiled = section(summary, "measured"), section(summary, "profiled")
    unsaid = finding in (Finding.NO_FIGURES, Finding.NO_PROFILE, Finding.TOO_FEW_SAMPLES)
    found = [] if unsaid else _others(finding, summary)
    if measured is not None:
        found.append(_cost(measured))
    found += cpu_limit.details(summary)
    if finding is Finding.IDLE_SPIN and profiled is not None and profiled["cpu_ms_per_request"]:
        cost = profiled["cpu_ms_per_request"]
        rest = cost * (1 - shares(summary)["spin-idle"])
        found.append(f"Without that spinning, the {ms(cost)} of a profiled request would be {ms(rest)}.")
    found += spin_window_brief(summary)
    return found + lost_time(summary)


def _doubts(finding: Finding, summary: Mapping[str, Any]) -> list[str]:
    found = []
    if not summary.get("complete", True):
        found.append("The run was stopped early: this is what was recorded until then.")
    samples = (section(summary, "perf") or {}).get("samples", 0)
    if finding not in (Finding.NO_FIGURES, Finding.NO_PROFILE) and FEW_SAMPLES <= samples < ENOUGH_SAMPLES:
        points = f"{100 * margin(samples):.0f} points"
        found.append(f"The shares rest on {count(samples, 'sample')}: they may be off by up to {points}.")
    extra = observer_share(summary)
    if extra is not None and abs(extra) > DISTURBED:
        change = "more" if extra > 0 else "less"
        found.append(
            f"Under perf a request cost {percent(abs(extra))} {change} CPU time: the shares are those of the "
            "disturbed workload."
        )
    measured = section(summary, "measured")
    return found + (latency_note(measured) if measured is not None else [])


def _cost(measured: Mapping[str, Any]) -> str:
    """Return what a user of the machine pays, from the phase where nothing was attached."""
    if not measured["requests"]:
        return f"No request ran in the measured phase; it used {measured['cpu_percent']:.1f} % of one core."
    latency = measured["latency_ms"]
    p95, p50 = latency["p95"], latency["p50"]
    seen = f"p95 latency {ms(p95)}" if p95 is not None else f"median latency {ms(p50)}" if p50 else ""
    cost = f"Measured without perf, a request cost {ms(measured['cpu_ms_per_request'])} of CPU time"
    load = f"the process used {measured['cpu_percent']:.1f} % of one core"
    return f"{cost} and {load}{'; ' + seen if seen else ''}."


def _others(finding: Finding, summary: Mapping[str, Any]) -> list[str]:
    """Return the other shares worth knowing beside the headline's; none without a profile."""
    if section(summary, "cpu") is None or not summary["cpu"]["total_ms"]:
        return []
    share = shares(summary)
    parts = {
        "computing": share["compute"],
        "idle spinning": share["spin-idle"],
        "spinning inside requests": share["spin-busy"] + share["spin-join"],
        "futex calls": share["futex"],
        "application code": share["app"],
        "the rest of the kernel": share["kernel"],
        "not to be told": share["unknown"],
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
    sentence = " and ".join(filter(None, (", ".join(listed[:-1]), listed[-1])))
    return [f"{'Another ' if said else ''}{sentence}."]
