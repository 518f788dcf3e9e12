"""A study's figures beside published ones, as ratios: machines differ, what a setting changes should not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.spec.study import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.spec.study import Published, Study
    from profiler.study.cell_figures import CellFigures


@dataclass(frozen=True, slots=True)
class Beside:
    """A published figure, and the study's."""

    published: float
    published_ratio: float
    """To the first configuration of the same source, model and limit."""
    ours: float | None
    our_ratio: float | None


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A published configuration beside the study's cell."""

    configuration: str
    cpu_percent: Beside
    latency_ms: Beside
    """Mean."""


def published_rows(
    study: Study, rows: Sequence[CellFigures]
) -> dict[tuple[str, str, str], list[PublishedRow]]:
    """Return the published figures that a study names, each beside the cell that it is about.

    They come by source, model and limit; ratios are to the first of each.
    """
    groups: dict[tuple[str, str, float | str], list[Published]] = {}
    for entry in study.published:
        groups.setdefault((entry.source, entry.model, entry.cpu_limit), []).append(entry)
    return {
        (source, model, "no limit" if cpus == NO_LIMIT else f"{cpus:g} CPU"): [
            _row(entry, entries[0], rows) for entry in entries
        ]
        for (source, model, cpus), entries in groups.items()
    }


def beside_text(beside: Beside) -> tuple[str, str]:
    """Return our figure and the published one, each with its ratio: `4.69 (1)`, `49.0 (1)`."""
    ours = formats.NOTHING if beside.ours is None else formats.number(beside.ours)
    ratio = "" if beside.our_ratio is None else f" ({beside.our_ratio:.2g})"
    return f"{ours}{ratio}", f"{beside.published:g} ({beside.published_ratio:.2g})"


def _row(entry: Published, base: Published, rows: Sequence[CellFigures]) -> PublishedRow:
    mine, reference = _cell(entry, rows), _cell(base, rows)
    return PublishedRow(
        entry.config,
        _beside(entry.cpu_percent, base.cpu_percent, _cpu(mine), _cpu(reference)),
        _beside(entry.latency_ms, base.latency_ms, _latency(mine), _latency(reference)),
    )


def _cell(entry: Published, rows: Sequence[CellFigures]) -> CellFigures | None:
    """Return the first cell of a published entry's configuration, model and limit."""
    for row in rows:
        cpus = NO_LIMIT if row.key.limit is None else row.key.limit.cpus
        if (row.key.configuration, row.key.model, cpus) == (entry.config, entry.model, entry.cpu_limit):
            return row
    return None


def _beside(published: float, base: float, ours: float | None, our_base: float | None) -> Beside:
    return Beside(published, published / base, ours, ours / our_base if ours and our_base else None)


def _cpu(row: CellFigures | None) -> float | None:
    return None if row is None else row.cpu_percent


def _latency(row: CellFigures | None) -> float | None:
    return None if row is None or row.mean_ms is None else row.mean_ms.value
