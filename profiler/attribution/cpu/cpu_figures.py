"""`perf`, `cpu` and `hot` of summary.json: the figures of CPU time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.attribution.statistics import share_interval
from profiler.run.kinds import Category, Evidence, Kind
from profiler.run.sections.cpu_section import CpuFigures, HotFunctionFigures, PerfFigures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.cpu.hot_functions import Functions
    from profiler.run.manifest import PerfSettings
    from profiler.trace.model import Level, Trace


def perf_figures(
    settings: PerfSettings, trace: Trace, attribution: Attribution, cut_chains: int
) -> PerfFigures:
    """Return how perf sampled and what came of it; `cut_chains` as `profiler.attribution.cpu.cut` counts."""
    return PerfFigures(
        **msgspec.structs.asdict(settings),
        samples=len(attribution.kind),
        lost=trace.lost_samples,
        cut_chains=cut_chains,
    )


def cpu_figures(attribution: Attribution, *, light: bool = False) -> CpuFigures:
    """Return milliseconds by kind and category, shares by evidence; of few samples, intervals too."""
    by_kind = attribution.cpu_ns_by_kind()
    total = sum(by_kind.values())
    by_category = dict.fromkeys(Category, 0.0)
    for kind, cpu_ns in by_kind.items():
        by_category[kind.category] += cpu_ns
    by_evidence = attribution.cpu_ns_by_evidence()
    return CpuFigures(
        total_ms=total / 1e6,
        by_category={category: cpu_ns / 1e6 for category, cpu_ns in by_category.items()},
        by_kind={kind: by_kind[kind] / 1e6 for kind in Kind},
        evidence={
            evidence: by_evidence[evidence] / total if total else 0.0
            for evidence in Evidence
            if evidence is not Evidence.NONE
        },
        intervals={
            kind: share_interval(cpu_ns / total if total else 0.0, len(attribution.kind))
            for kind, cpu_ns in by_kind.items()
        }
        if light
        else {},
    )


def hot_rows(functions: Functions, places: Mapping[tuple[str, str], Level]) -> list[HotFunctionFigures]:
    """Return functions by their own share of all CPU time (`Functions.listed`).

    `places` are those of `profiler.attribution.cpu.places.hot_places`.
    """
    total = sum(chain.cpu_ns for chain in functions.chains)
    rows = []
    for row in functions.listed(places):
        name = functions.names[row.function]
        place = places.get(name)
        rows.append(
            HotFunctionFigures(
                symbol=name[0],
                library=name[1],
                kind=row.kind,
                category=row.kind.category,
                self_share=row.self_ns / total if total else 0.0,
                total_share=row.total_ns / total if total else 0.0,
                evidence=row.evidence,
                file=place.file if place else None,
                line=place.line if place else None,
            )
        )
    return rows
