"""The comparison as one JSON document (schema `ortprof.comparison/1`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.findings.vocabulary import ROLE_NAMES
from profiler.run.summary import to_document
from profiler.study.compare.changes import Change, chain_changes, function_changes, waiting_changes
from profiler.study.intervals import LEVEL
from profiler.study.ratio_document import ratio_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.study.compare.compared import ComparedFigure
    from profiler.study.compare.comparison import Comparison
    from profiler.study.compare.merged import MergedChains
    from profiler.study.compare.sides import Side
    from profiler.study.compare.tables import PairedTime

SCHEMA = "ortprof.comparison/1"
MOST_CHANGES = 50


def document(comparison: Comparison) -> dict[str, Any]:
    """Return the document. Times are milliseconds; but for `figures`, per request of the profile phase.

    Everywhere `before` and `after` are the two sides; `ratio` is after to before. A section that a side has
    no data for is an empty list or null.
    """
    pair = comparison.pair
    return {
        "schema": SCHEMA,
        "before": _side(pair.before),
        "after": _side(pair.after),
        "study": pair.study,
        "headline": comparison.headline,
        "details": list(comparison.details),
        "cautions": list(comparison.cautions),
        "differences": [
            {"what": difference.label, "before": difference.before, "after": difference.after}
            for difference in comparison.differences
        ],
        "level": LEVEL,
        "intervals_rest_on": None if comparison.basis is None else comparison.basis.value,
        "figures": [_figure(figure) for figure in comparison.figures],
        "cpu_by_kind": _lines(comparison.cpu),
        "request_by_part": _lines(comparison.parts),
        "workers_meanwhile": _lines(comparison.meanwhile),
        "waits_in_requests": {ROLE_NAMES[role]: _lines(lines) for role, lines in comparison.waits.items()},
        "matching": comparison.matching.note or "same build: by name and address",
        "functions": _changes(comparison.on_cpu, function_changes),
        "chains": _changes(comparison.on_cpu, chain_changes),
        "waiting_chains": _changes(comparison.off_cpu, waiting_changes),
    }


def _side(side: Side) -> dict[str, Any]:
    summary = to_document(side.analysis.summary)
    return {
        "label": side.label,
        "run_id": summary["run_id"],
        "repeats": [repeat.run_id for repeat in side.measured],
        "config": summary["config"],
        "workload": summary["workload"],
        "limit": summary["limit"],
        "ort": summary["ort"],
        "host": summary["host"],
    }


def _figure(figure: ComparedFigure) -> dict[str, Any]:
    ratio = figure.ratio
    return {
        "name": figure.name,
        "unit": figure.unit,
        "before": figure.before,
        "after": figure.after,
        "difference": figure.difference,
        "ratio": None if ratio is None else ratio_document(ratio, significant=figure.significant),
        "why": figure.why,
    }


def _lines(lines: Sequence[PairedTime]) -> list[dict[str, Any]]:
    return [
        {
            "what": line.key,
            "before": line.ms[0],
            "after": line.ms[1],
            "difference": line.difference,
            "may_be_chance": line.chance,
        }
        for line in lines
    ]


def _changes(
    merged: MergedChains | None, changes: Callable[[MergedChains], list[Change]]
) -> list[dict[str, Any]] | None:
    if merged is None:
        return None
    return [
        {
            "functions": [{"name": name, "library": library} for name, library in change.functions],
            "kind": change.kind,
            "before": change.own_ms[0],
            "after": change.own_ms[1],
            "difference": change.difference_ms,
            "total_before": change.total_ms[0],
            "total_after": change.total_ms[1],
            "may_be_chance": change.chance,
        }
        for change in changes(merged)[:MOST_CHANGES]
    ]
