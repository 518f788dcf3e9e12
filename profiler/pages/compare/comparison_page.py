"""A comparison as one self-contained HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler import files
from profiler.findings import formats
from profiler.findings.vocabulary import WAIT_PATTERNS
from profiler.pages.base.page import Page, fill
from profiler.pages.compare import comparison_rows
from profiler.pages.compare.difference_flame import DifferenceFlame, difference_flame
from profiler.pages.compare.lanes import typical_requests
from profiler.run.kinds import KINDS, WAITS
from profiler.study.compare.changes import chain_changes, function_changes, waiting_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from profiler.study.compare.changes import Change
    from profiler.study.compare.comparison import Comparison
    from profiler.study.compare.merged import MergedChains
    from profiler.study.compare.sides import Pair

PAGE = Page(
    "compare/compare.html.j2",
    ("base/kinds.css", "base/drawing.css", "chart/chart.css", "flame/flame.css", "compare/compare.css"),
    "compare/bundle.js",
)
ON_PATTERNS = {kind.value: kind.value for kind in KINDS}
OFF_PATTERNS = {wait.value: WAIT_PATTERNS[wait] for wait in WAITS}


def page_path(pair: Pair, reports: Path) -> Path:
    """Return where a comparison's page goes without a name of the user's: its name says what is compared."""
    return reports / f"compare-{pair.before.run.run_id}-{pair.after.run.run_id}.html"


def write_page(comparison: Comparison, path: Path) -> None:
    """Write the page atomically; `NotWrittenError` when it can't be written."""
    page = render(comparison).encode()
    with files.output(path, hint="choose another with -o") as file:
        file.write(page)


def render(comparison: Comparison) -> str:
    """Return the page: it needs nothing from outside."""
    labels = [side.label for side in comparison.pair.sides]
    flames = {
        name: difference_flame(merged)
        for name, merged in (("on", comparison.on_cpu), ("off", comparison.off_cpu))
        if merged is not None and merged.rows
    }
    return fill(
        PAGE,
        comparison=comparison,
        before=comparison.pair.before,
        after=comparison.pair.after,
        figures=comparison_rows.figure_rows(comparison.figures),
        kinds=comparison_rows.kind_rows(comparison.cpu),
        kind_bars=comparison_rows.kind_bars(labels, comparison.cpu),
        parts=comparison_rows.part_rows(comparison.parts),
        part_bars=comparison_rows.part_bars(labels, comparison.parts),
        meanwhile=comparison_rows.meanwhile_rows(comparison.meanwhile),
        waits=comparison_rows.wait_rows(comparison.waits),
        typical=typical_requests(comparison.pair),
        functions=_rows(comparison.on_cpu, function_changes, ON_PATTERNS),
        chains=_rows(comparison.on_cpu, chain_changes, ON_PATTERNS),
        waiting=_rows(comparison.off_cpu, waiting_changes, OFF_PATTERNS),
        merged=_merged_sentences(flames),
        data=_data(labels, flames),
    )


def _rows(
    merged: MergedChains | None, changes: Callable[[MergedChains], list[Change]], patterns: Mapping[str, str]
) -> list[comparison_rows.ChangeRow]:
    return [] if merged is None else comparison_rows.change_rows(changes(merged), patterns)


def _merged_sentences(flames: Mapping[str, DifferenceFlame]) -> list[str]:
    return [
        f"The graph of time {name} the CPU keeps the heaviest calls: {formats.percent(flame.merged_share)} "
        "of it ends in calls too small to keep, shown as merged."
        for name, flame in flames.items()
        if flame.merged_share
    ]


def _data(labels: Sequence[str], flames: Mapping[str, DifferenceFlame]) -> dict[str, Any] | None:
    """Return what the script draws from; None where there is nothing to draw."""
    if not flames:
        return None
    patterns = {"on": ON_PATTERNS, "off": OFF_PATTERNS}
    return {
        "labels": labels,
        "graphs": {
            name: {
                "kinds": flame.kinds,
                "patterns": [patterns[name][kind] for kind in flame.kinds],
                "strings": flame.strings,
                "columns": flame.columns,
            }
            for name, flame in flames.items()
        },
    }
