"""summary.json and report.html into a run directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files
from profiler.listing.code import gather
from profiler.listing.source_text import EVERYTHING, SourceOptions
from profiler.pages.run.report_page import render
from profiler.run.summary import to_document

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


def write(run: RunDirectory, analysis: Analysis, source: SourceOptions = EVERYTHING) -> Path:
    """Write a run's figures and its report; return the report's path. `NotWrittenError` when that fails.

    `source` says where hot functions' source is, or that it stays out.
    """
    listings = gather(run, analysis.profile, source) if analysis.profile is not None else ()
    files.write_json(run.summary, to_document(analysis.summary))
    files.write(run.report, render(analysis, listings).encode())
    return run.report
