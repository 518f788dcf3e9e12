"""Advice from what was measured on this machine: a study, or an investigation that is made now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from profiler.cli.show_advice import print_advice
from profiler.cli.terminal.console import model_progress, out, print_json, study_monitoring
from profiler.cli.terminal.printable import tell
from profiler.errors import ExitCode
from profiler.execute.investigation import Investigation
from profiler.models.prepare import resolve
from profiler.spec.catalogue import load
from profiler.study.advise.advice_document import document
from profiler.study.advise.evidence import pool_threads
from profiler.study.advise.recommendation import LatencyTarget, recommend

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.study.advise.evidence import Grounds
    from profiler.study.advise.funnel import Question
    from profiler.study.cells import Group


def investigated(
    question: Question, reports: Path, python: str, *, startup_seconds: float, fresh: bool
) -> Grounds:
    """Measure what could answer a question, and return what was found."""
    with model_progress() as progress:
        for model in (question.model, *(session.model for session in question.beside)):
            resolve(model, progress=progress)
    with study_monitoring(reports) as monitor:
        investigation = Investigation(
            question,
            reports,
            monitor,
            monitor.tell,
            load(),
            python,
            startup_seconds=startup_seconds,
            fresh=fresh,
        )
        return investigation.run()


def show_advice(grounds: Grounds, group: Group, p95_ms: float, *, json_output: bool) -> None:
    """Print what to ship; exit code 1 where nothing surely meets the target."""
    for cell in grounds.cells:
        if cell.mixed:
            tell(f"{cell.key.words}: {cell.mixed}")
    settings = load().settings
    recommendation = recommend(
        grounds.cells, LatencyTarget(p95_ms, group), pool_threads=pool_threads(grounds.cells)
    )
    if json_output:
        print_json(document(recommendation, grounds, settings))
    else:
        print_advice(out(), recommendation, grounds, settings)
    if recommendation.chosen is None:
        raise typer.Exit(ExitCode.CHECK_FAILED)
