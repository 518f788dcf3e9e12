"""A store's index.html: its latest runs, from the dataset, with links to their reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from profiler.fleet.listing import latest_rows
from profiler.fleet.store import SAFE
from profiler.pages.index.index_page import render_latest
from profiler.pages.index.index_pages import INDEX, PAGE_ENTRIES
from profiler.pages.index.index_rows import IndexRow, limit_words, shown_figures
from profiler.run.directory import REPORT

if TYPE_CHECKING:
    from profiler.fleet.store import Store

FIGURES = ("cpu_ms_per_request", "cpu_percent", "p95_ms", "spin_share", "spin_window_ms")
COLUMNS = (
    "path",
    "created",
    "complete",
    "configuration",
    "model",
    "runtime",
    "limit_cpus",
    "callers",
    *FIGURES,
)


def write_store_index(store: Store) -> None:
    """Write the list of a store's latest runs; however many it has, only these are read."""
    table, older = latest_rows(store, COLUMNS, 2 * PAGE_ENTRIES)
    rows = [_row(row) for row in table.to_pylist()]
    elsewhere = f"ortprof runs --store {store.url}" if older else ""
    store.write(INDEX, render_latest(rows, elsewhere).encode())


def _row(row: dict[str, Any]) -> IndexRow:
    path: str = row["path"]
    inside = all(map(SAFE.fullmatch, path.split("/")))  # what leads out of the store gets no link
    return IndexRow(
        path,
        f"{quote(path)}/{REPORT}" if inside else "",
        row["configuration"] or "",
        row["model"] or "",
        row["runtime"] or "",
        limit_words(row["limit_cpus"], ours=row["callers"] is not None),
        row["created"] or "",
        bool(row["complete"]),
        shown_figures(*(row[name] for name in FIGURES)),
    )
