"""summary.json: the figures of a run (schema `ortprof.summary/1`, DESIGN.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from profiler.attribution.kinds import Category, Evidence, Kind
from profiler.attribution.statistics import phase_figures
from profiler.attribution.throttled import cpu_budget, throttled_figures
from profiler.attribution.waits.wait_figures import no_waits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.cpu.hot_functions import Functions
    from profiler.run.manifest import Manifest, PhaseCounters, Request
    from profiler.trace.model import Level, Trace

SCHEMA = "ortprof.summary/1"


def summarise(
    manifest: Manifest,
    counters: Mapping[str, PhaseCounters],
    requests: Sequence[Request],
    profile: Mapping[str, Any],
) -> dict[str, Any]:
    """Return summary.json. `profile` holds what the profile phase gives.

    See `profile_figures` and `profiler.attribution.waits.wait_figures`.
    """

    def phase(name: str) -> dict[str, Any]:
        executed = manifest.phase(name)
        if name not in counters or executed is None:
            return {"unavailable": f"the {name} phase did not run"}
        of_phase = [request for request in requests if request.phase == name]
        return {
            **phase_figures(counters[name], of_phase),
            "throttled": throttled_figures(counters[name].throttling, of_phase),
            "unserved": executed.unserved,
        }

    builtins = msgspec.to_builtins(manifest)
    return {
        "schema": SCHEMA,
        "run_id": manifest.run_id,
        "complete": manifest.complete,
        "created": manifest.created,
        "config": {**builtins["configuration"], "label": manifest.configuration.label},
        "workload": builtins["workload"],
        "limit": builtins["limit"],
        "container": builtins["container"],
        "cpus": cpu_budget(manifest.cpus),
        "ort": builtins["ort"],
        "host": builtins["host"],
        "measured": phase("measure"),
        "profiled": phase("profile"),
        **profile,
        "unavailable": builtins["unavailable"],
    }


def no_profile(why: str) -> dict[str, Any]:
    """Return what `profile_figures` and `wait_figures` would, for a run without a usable recording."""
    return {
        "perf": {"unavailable": why},
        "cpu": {"unavailable": why},
        "hot": [],
        "cross_check": None,
        **no_waits(why),
    }


def profile_figures(
    manifest: Manifest,
    trace: Trace,
    attribution: Attribution,
    functions: Functions,
    *,
    places: Mapping[tuple[str, str], Level],
    cut_chains: int,
) -> dict[str, Any]:
    """Return the keys of summary.json that rest on the recording: perf, cpu, hot, cross_check.

    `places` are those of `profiler.attribution.cpu.places.hot_places`, `cut_chains` the samples counted by
    `profiler.attribution.cpu.cut`.
    """
    perf = {} if manifest.perf is None else msgspec.to_builtins(manifest.perf)
    return {
        "perf": {
            **perf,
            "samples": len(attribution.kind),
            "lost": trace.lost_samples,
            "cut_chains": cut_chains,
        },
        "cpu": cpu_figures(attribution),
        "hot": hot_rows(functions, places),
        "cross_check": msgspec.to_builtins(manifest.cross_check),
    }


def cpu_figures(attribution: Attribution) -> dict[str, Any]:
    """Return `cpu` of summary.json: milliseconds by kind and category, shares by evidence."""
    by_kind = attribution.cpu_ns_by_kind()
    total = sum(by_kind.values())
    by_category = dict.fromkeys(Category, 0.0)
    for kind, cpu_ns in by_kind.items():
        by_category[kind.category] += cpu_ns
    by_evidence = attribution.cpu_ns_by_evidence()
    return {
        "total_ms": total / 1e6,
        "by_category": {category.value: cpu_ns / 1e6 for category, cpu_ns in by_category.items()},
        "by_kind": {kind.value: by_kind[kind] / 1e6 for kind in Kind},
        "evidence": {
            evidence.value: by_evidence[evidence] / total if total else 0.0
            for evidence in Evidence
            if evidence is not Evidence.NONE
        },
    }


def hot_rows(functions: Functions, places: Mapping[tuple[str, str], Level]) -> list[dict[str, Any]]:
    """Return `hot` of summary.json: functions by their own share of all CPU time (`Functions.listed`).

    `file` and `line` are None for functions without debug information.
    """
    total = sum(chain.cpu_ns for chain in functions.chains)
    rows = functions.listed(places)
    found = [places.get(functions.names[row.function]) for row in rows]
    return [
        {
            "symbol": functions.names[row.function][0],
            "library": functions.names[row.function][1],
            "kind": row.kind.value,
            "category": row.kind.category.value,
            "self_share": row.self_ns / total if total else 0.0,
            "total_share": row.total_ns / total if total else 0.0,
            "evidence": row.evidence.value,
            "file": place.file if place else None,
            "line": place.line if place else None,
        }
        for row, place in zip(rows, found, strict=True)
    ]
