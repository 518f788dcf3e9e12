"""What to try next, by finding: data beside one function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.findings import cpu_limit
from profiler.findings.sections import NEEDED, section
from profiler.spec.catalogue import presets
from profiler.spec.configuration import unhonoured

if TYPE_CHECKING:
    from collections.abc import Mapping


def sentences(finding: str, summary: Mapping[str, Any]) -> list[str]:
    """Return what to try after a finding (`verdict.Finding`'s value)."""
    known = {
        "no-profile": "Record again with --profile above 0 to see where the CPU time goes.",
        "no-figures": "Record again.",
        "too-few-samples": "Record longer (--profile) or with more requests (--rate).",
        "busy-spin": "Try fewer threads (--threads) or single-thread: the pool has more threads than the "
        "model has parallel work.",
        "futex": "Try single-thread or fewer threads (--threads): each wake-up brings too little work to "
        "pay for itself.",
        "compute": "To go faster, look at the model (quantisation, fused operators, a newer ONNX Runtime) "
        "and at the number of threads, not at spinning.",
        "unknown": "Profile an ONNX Runtime with symbols, or see below what could not be read.",
        "mixed": "Record other configurations and compare: `ortprof configs` lists them.",
    }
    if finding == "throttled":
        return cpu_limit.advice(summary)
    if finding == "idle-spin":
        return [_against_idle_spin(summary)]
    found = [known[finding]]
    measured = section(summary, "measured")
    if finding == "compute" and measured is not None and 0 < measured["requests"] < NEEDED["p95"]:
        found.append("Record longer (--measure) to see the tail of the latencies.")
    return found


def _against_idle_spin(summary: Mapping[str, Any]) -> str:
    entries = summary["config"].get("entries", {})
    if entries.get("session.intra_op.allow_spinning") == "0":
        return (
            "This configuration turns spinning off, so these threads are another pool's: see which below, "
            "and set the number of its threads."
        )
    known, version = presets(), str((section(summary, "ort") or {}).get("version", ""))
    bounding = [
        name
        for name in ("spin-stop", "spin-1ms")
        if not unhonoured(known.find(name), version, known.settings)
    ]
    if not bounding:
        return "Try spin-off: it blocks idle threads at once."
    bounded = f"{' or '.join(bounding)}, which bound{'' if len(bounding) > 1 else 's'}"
    return f"Try spin-off, which blocks idle threads at once, or {bounded} the time they poll."
