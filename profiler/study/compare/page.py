"""A comparison as one self-contained HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler import files
from profiler.attribution.kinds import KINDS, WAITS
from profiler.report import formats
from profiler.report.page import fill
from profiler.report.words import WAIT_PATTERNS
from profiler.study.compare import view
from profiler.study.compare.changes import chain_changes, function_changes, waiting_changes
from profiler.study.compare.flame import DifferenceFlame, difference_flame
from profiler.study.compare.lanes import typical_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from profiler.study.compare.changes import Change
    from profiler.study.compare.comparison import Comparison
    from profiler.study.compare.merged import Merged
    from profiler.study.compare.sides import Pair

SCRIPTS = (
    "page.js", "data.js", "flame_boxes.js", "flame_tree.js", "flame_search.js",
    "difference.js", "difference_controls.js", "compare.js",
)  # fmt: skip
ON_PATTERNS = {kind.value: kind.value for kind in KINDS}
OFF_PATTERNS = {wait.value: WAIT_PATTERNS[wait] for wait in WAITS}


def page_path(pair: Pair, reports: Path) -> Path:
    """Return where a comparison's page goes without a name of the user's: its name says what is compared."""
    return reports / f"compare-{pair.before.run.run_id}-{pair.after.run.run_id}.html"


def write_page(comparison: Comparison, path: Path) -> None:
    """Write the page atomically; `NotWrittenError` when it can't be written."""
    files.write(path, render(comparison).encode("utf-8", "replace"), hint="choose another with -o")


def render(comparison: Comparison) -> str:
    """Return the page: it needs nothing from outside."""
    labels = [side.label for side in comparison.pair.sides]
    flames = {
        name: difference_flame(merged)
        for name, merged in (("on", comparison.on_cpu), ("off", comparison.off_cpu))
        if merged is not None and merged.rows
    }
    return fill(
        "compare.html.j2",
        SCRIPTS,
        comparison=comparison,
        before=comparison.pair.before,
        after=comparison.pair.after,
        figures=view.figure_rows(comparison.figures),
        kinds=view.kind_rows(comparison.cpu),
        kind_bars=view.kind_bars(labels, comparison.cpu),
        parts=view.part_rows(comparison.parts),
        part_bars=view.part_bars(labels, comparison.parts),
        meanwhile=view.meanwhile_rows(comparison.meanwhile),
        waits=view.wait_rows(comparison.waits),
        typical=typical_requests(comparison.pair),
        functions=_rows(comparison.on_cpu, function_changes, ON_PATTERNS),
        chains=_rows(comparison.on_cpu, chain_changes, ON_PATTERNS),
        waiting=_rows(comparison.off_cpu, waiting_changes, OFF_PATTERNS),
        merged=_merged_sentences(flames),
        data=_data(labels, flames),
    )


def _rows(
    merged: Merged | None, changes: Callable[[Merged], list[Change]], patterns: Mapping[str, str]
) -> list[view.ChangeRow]:
    return [] if merged is None else view.change_rows(changes(merged), patterns)


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
