"""A check as Markdown, for a CI job's page (GitHub's $GITHUB_STEP_SUMMARY)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiler.study.check.judge import Outcome

if TYPE_CHECKING:
    from profiler.study.check.judge import Check
    from profiler.study.check.result import Checked, Result

SIGNS = {
    Outcome.PASSED: "✅",
    Outcome.WARNED: "⚠️",
    Outcome.FAILED: "❌",
    Outcome.UNDECIDED: "❓",
}
SPECIAL = re.compile(r"[\\`*_{}\[\]<>#!|~&@$^]|:(?=\S)|(?<=www)\.", re.IGNORECASE)
"""What means something to GitHub's Markdown within a line: mark-up, HTML, references, mathematics, links.
As a numeric entity it never does (CommonMark 0.31, 2.5)."""


def as_markdown(result: Result) -> str:
    """Return the summary: a table a subject, and what a reader should know below it."""
    lines = [f"## ortprof check: {result.outcome.value}", ""]
    for checked in result.checked:
        lines += _subject(checked)
    return "\n".join(lines)


def _subject(each: Checked) -> list[str]:
    repeats = f"{len(each.subject.now)} runs" if len(each.subject.now) != 1 else "1 run"
    against = f", baseline {len(each.subject.before)}" if each.subject.before else ""
    lines = [f"### {escape(each.subject.name)}", "", f"{repeats}{against}", ""]
    lines += ["| | what | baseline | now | bound | |", "|---|---|--:|--:|---|---|"]
    lines += [_row(check) for check in each.checks]
    return [*lines, "", *(f"- {escape(note)}" for note in each.subject.notes), ""]


def _row(found: Check) -> str:
    quantity = found.bound.quantity
    figures = ["" if value is None else quantity.text(value) for value in (found.before, found.now)]
    cells = [quantity.value, *figures, found.bound.text, found.why]
    return f"| {SIGNS[found.outcome]} | {' | '.join(escape(cell) for cell in cells)} |"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))
