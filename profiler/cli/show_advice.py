"""A recommendation in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from profiler.spec.configuration import Setting
    from profiler.study.advise.candidates import Candidate
    from profiler.study.advise.evidence import Grounds
    from profiler.study.advise.recommendation import Recommendation

STYLES = {"meets": "green", "unsure": "yellow", "misses": "red", "unknown": "yellow"}


def print_advice(
    console: Console, recommendation: Recommendation, evidence: Grounds, settings: dict[str, Setting]
) -> None:
    """Print the answer, what was measured, and what to paste."""
    from rich.text import Text

    from profiler.study.advise import phrases
    from profiler.study.advise.advice_document import pasteable

    console.print(Text(phrases.headline(recommendation), style="bold"))
    for sentence in phrases.sentences(recommendation):
        console.print(Text(sentence))
    console.print()
    _print_candidates(console, recommendation, evidence.screened)
    for title, text in pasteable(recommendation, evidence, settings):
        console.print(Text(f"\n# {title}\n", style="bold"))
        console.print(Text(text), end="", soft_wrap=True)
    console.print(Text(f"\nMeasured in {', '.join(evidence.studies)}", style="dim"), soft_wrap=True)


def _print_candidates(
    console: Console, recommendation: Recommendation, screened: tuple[Candidate, ...]
) -> None:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, figure, name, word
    from profiler.study.interval_words import with_interval

    figures = (figure("CPU time a request"), figure("p95"), figure("requests", rank=1))
    table = FittedTable([name("configuration"), *figures, word("target", rank=2)])
    for candidate in (*recommendation.decision.ranked, *screened):
        standing = candidate.standing(recommendation.target.p95_ms).value
        state = Text("first look only", "dim") if candidate in screened else Text(standing, STYLES[standing])
        table.add(
            candidate.label,
            with_interval(candidate.cpu_ms),
            with_interval(candidate.p95_ms),
            f"{candidate.requests:,}",
            state,
        )
    console.print(table)
