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
    if result.left_out:
        left_out = (f"- {escape(left.said)}" for left in result.left_out)
        lines += ["### Left out", "", *left_out, ""]
    return "\n".join(lines)


def _subject(checked: Checked) -> list[str]:
    repeats = f"{len(checked.subject.now)} runs" if len(checked.subject.now) != 1 else "1 run"
    against = f", baseline {len(checked.subject.before)}" if checked.subject.before else ""
    lines = [f"### {escape(checked.subject.name)}", "", f"{repeats}{against}", ""]
    lines += ["| | what | baseline | now | bound | |", "|---|---|--:|--:|---|---|"]
    lines += [_row(check) for check in checked.checks]
    return [*lines, "", *(f"- {escape(note)}" for note in checked.subject.notes), ""]


def _row(check: Check) -> str:
    quantity = check.bound.quantity
    figures = ["" if value is None else quantity.text(value) for value in (check.before, check.now)]
    cells = [quantity.value, *figures, check.bound.text, check.why]
    return f"| {SIGNS[check.outcome]} | {' | '.join(escape(cell) for cell in cells)} |"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(lambda match: f"&#{ord(match[0])};", " ".join(text.split()))
