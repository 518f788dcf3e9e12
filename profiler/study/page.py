"""study.html: a study's figures, charts and conditions on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files

if TYPE_CHECKING:
    from profiler.study.results import StudyResults


def write_page(results: StudyResults) -> None:
    """Write a study's page into its directory; `OSError` when it can't be written."""
    files.write(results.directory.page, b"")
