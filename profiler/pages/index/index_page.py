"""reports/index.html and pages before it: studies, trials and runs. Broken ones get a row that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files
from profiler.pages.base.page import Page, fill
from profiler.pages.index.index_pages import INDEX, divided, is_current, surplus
from profiler.pages.index.index_rows import BrokenRow, IndexRow, StudyRow, TrialRow, row_of
from profiler.run import runs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from profiler.pages.index.index_pages import IndexPage

PAGE = Page("index/index.html.j2", ("index/index.css",), "index/bundle.js")


def write_index(reports: Path) -> Path:
    """Write a reports folder's list and return the path of its last page, `index.html`.

    Only what has changed is written, and read: the latest few hundred runs, however many there are.
    `NotWrittenError` when that fails.
    """
    pages = divided(runs.list_entries(reports))
    for page in pages:
        path = reports / page.name
        if not is_current(path, page):
            files.write(path, render_page(reports, page, pages).encode())
    for path in surplus(reports, len(pages)):
        path.unlink(missing_ok=True)
    return reports / INDEX


def render_page(reports: Path, page: IndexPage, pages: Sequence[IndexPage]) -> str:
    """Return one page of a reports folder's list, the latest entries first."""
    rows = [row_of(reports / entry.name, entry.kind) for entry in reversed(page.entries)]
    return fill(
        PAGE,
        part=page,
        # A full page is not written again for a new one, so that only the last knows of all.
        pages=pages if page.number == page.of else (),
        elsewhere="",
        studies=[row for row in rows if isinstance(row, StudyRow)],
        trials=[row for row in rows if isinstance(row, TrialRow)],
        rows=[row for row in rows if isinstance(row, IndexRow)],
        broken=[row for row in rows if isinstance(row, BrokenRow)],
    )


def render_latest(rows: Sequence[IndexRow], elsewhere: str) -> str:
    """Return a page of runs, the latest first; `elsewhere` is the command that lists the older ones too."""
    return fill(PAGE, part=None, pages=(), elsewhere=elsewhere, studies=[], trials=[], rows=rows, broken=[])
