"""Summaries of runs that never were."""

from __future__ import annotations

from typing import Any


def summary(**kinds: float) -> dict[str, Any]:
    """Return a summary whose CPU time has these kinds (in milliseconds, `_` for `-`)."""
    by_kind = dict.fromkeys(
        ("compute", "app", "spin-idle", "spin-busy", "spin-join", "futex", "kernel", "unknown"), 0.0
    )
    by_kind |= {kind.replace("_", "-"): ms for kind, ms in kinds.items()}
    phase = {
        "seconds": 10.0,
        "requests": 100,
        "cpu_percent": 11.8,
        "cpu_ms_per_request": 11.8,
        "latency_ms": {"mean": 4.0, "p50": 4.0, "p95": 5.0, "p99": 6.0, "max": 7.0},
        "throttled": None,
    }
    return {
        "complete": True,
        "config": {"entries": {"session.intra_op.allow_spinning": "1"}},
        "ort": {"version": "1.31.1"},
        "measured": phase,
        "profiled": dict(phase),
        "perf": {"samples": 1180},
        "cpu": {"total_ms": sum(by_kind.values()), "by_kind": by_kind},
    }
