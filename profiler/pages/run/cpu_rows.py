"""CPU time by category and kind, each with the evidence it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings import formats
from profiler.findings.vocabulary import CATEGORY_MEANINGS, EVIDENCE_MEANINGS, KIND_MEANINGS
from profiler.run.kinds import EVIDENCES, KINDS, Category, Kind
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.run.summary import Summary


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind's part of the CPU time."""

    kind: str
    meaning: str
    ms: str
    share: str
    per_request: str
    evidence: str
    x: float
    """Where its part of the bar begins, in percent."""
    width: float
    """Likewise, how long it is."""


@dataclass(frozen=True, slots=True)
class CategoryRows:
    """One category and its kinds."""

    category: str
    meaning: str
    ms: str
    share: str
    per_request: str
    x: float
    width: float
    kinds: tuple[KindRow, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What a part of the CPU time's verdicts rests on."""

    evidence: str
    meaning: str
    share: str


def category_rows(summary: Summary, attribution: Attribution | None) -> list[CategoryRows]:
    """Return the categories and kinds that took time, in the order of the bar; empty without a profile."""
    cpu = available(summary.cpu)
    if cpu is None or not cpu.total_ms:
        return []
    total = cpu.total_ms
    profiled = available(summary.profiled)
    requests = profiled.requests if profiled is not None and not profiled.requests_unknown_of else 0
    evidence = _evidence_by_kind(attribution) if attribution is not None else {}
    rows, x = [], 0.0
    for category in Category:
        ms = cpu.by_category[category]
        if not ms:
            continue
        kinds, begin = [], x
        for kind in (kind for kind in Kind if kind.category is category and cpu.by_kind[kind]):
            ms = cpu.by_kind[kind]
            width = 100 * ms / total
            kinds.append(
                KindRow(
                    kind.value,
                    KIND_MEANINGS[kind],
                    formats.number(ms),
                    formats.percent(ms / total),
                    formats.number(ms / requests) if requests else formats.NOTHING,
                    evidence.get(kind, ""),
                    x,
                    width,
                )
            )
            x += width
        ms = cpu.by_category[category]
        rows.append(
            CategoryRows(
                category.value,
                CATEGORY_MEANINGS[category],
                formats.number(ms),
                formats.percent(ms / total),
                formats.number(ms / requests) if requests else formats.NOTHING,
                begin,
                x - begin,
                tuple(kinds),
            )
        )
    return rows


def evidence_rows(summary: Summary) -> list[EvidenceRow]:
    """Return how much of all CPU time rests on each kind of evidence."""
    cpu = available(summary.cpu)
    if cpu is None or not cpu.total_ms:
        return []
    return [
        EvidenceRow(evidence.value, EVIDENCE_MEANINGS[evidence], formats.percent(share))
        for evidence, share in cpu.evidence.items()
        if share
    ]


def _evidence_by_kind(attribution: Attribution) -> dict[Kind, str]:
    """Say for each kind what it rests on: `instruction 98 %, symbol 2.0 %`."""
    size = (len(KINDS), len(EVIDENCES))
    cell = attribution.kind.astype(np.int64) * size[1] + attribution.evidence
    table = np.bincount(cell, weights=attribution.cpu_ns, minlength=size[0] * size[1]).reshape(size)
    for kind, cpu_ns in attribution.unsampled_ns.items():
        table[KINDS.index(kind), len(EVIDENCES) - 1] += cpu_ns
    said = {}
    for kind, row in zip(KINDS, table, strict=True):
        total = row.sum()
        if total > 0:
            parts = [(part / total, which) for which, part in enumerate(row) if part > 0]
            said[kind] = ", ".join(
                f"{EVIDENCES[which].value} {formats.percent(part)}"
                for part, which in sorted(parts, reverse=True)
            )
    return said
