"""Write the tables of docs/article.md from a study's results.

python scripts/article_table.py STUDY [--reports DIR]      STUDY: an id, a directory, or a name (its latest)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import OrtprofError
from profiler.findings import formats
from profiler.pages.study.study_facts import study_facts
from profiler.study.cell_figures import grouped, study_figures
from profiler.study.interval_words import interval_text
from profiler.study.published import beside_text, published_rows
from profiler.study.results import read_results
from profiler.study.sentences import overload_note
from profiler.study.study_record import find_study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.study.cell_figures import CellFigures, Estimate
    from profiler.study.results import StudyResults

PAGE = Path(__file__).resolve().parent.parent / "docs" / "article.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"
TITLES = ("CPU ms a request", "% of one core", "mean ms", "p50 ms", "p95 ms", "throttled", "spinning")


def tables(results: StudyResults) -> Iterator[str]:
    """Yield the lines of the page's generated part."""
    rows = study_figures(results)
    for (source, model, limit), mine in published_rows(results.study, rows).items():
        yield f"## Beside {source}: {model}, {limit}, 1 request/s\n"
        yield from table(
            ("", "% of one core: here", "there", "mean ms: here", "there"),
            [
                (row.configuration, *beside_text(row.cpu_percent), *beside_text(row.latency_ms))
                for row in mine
            ],
        )
        yield f"\nIn parentheses: the ratio to {mine[0].configuration}.\n"
    yield "## All cells\n"
    for group, cells in grouped(rows).items():
        yield f"{group.words}:\n"
        yield from table(("", *TITLES), [cell_texts(row) for row in cells])
        yield ""
        for row in cells:
            notes = [*row.cell.failures, *([overload_note(row)] if row.overloaded else [])]
            yield from (f"{row.key.configuration}: {note}.\n" for note in notes)
    yield f"Study of {results.record.created[:10]}, ortprof {results.record.ortprof}."
    yield " ".join(f"{label}: {text}." for label, text in study_facts(results))


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a Markdown table: a name, then figures."""
    yield f"| {' | '.join(titles)} |"
    yield f"|---{'|--:' * (len(titles) - 1)}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def cell_texts(row: CellFigures) -> list[str]:
    """Return a cell's row."""
    percent = None if row.cpu_percent is None else formats.number(row.cpu_percent)
    shares = [
        None if share is None else formats.percent(share) for share in (row.throttled_share, row.spin_share)
    ]
    figures = [figure_text(figure) for figure in (row.mean_ms, row.p50_ms, row.p95_ms)]
    texts = [figure_text(row.cpu_ms), percent, *figures, *shares]
    return [row.key.configuration, *(text or formats.NOTHING for text in texts)]


def figure_text(figure: Estimate | None) -> str | None:
    """Return a figure with its interval."""
    if figure is None:
        return None
    interval = interval_text(figure)
    return formats.number(figure.value) + (f" ({interval})" if interval else "")


def main() -> None:
    """Rewrite the page between its two marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("study")
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    options = parser.parse_args()
    try:
        results = read_results(find_study(options.study, options.reports))
    except OrtprofError as error:
        sys.exit(f"{error.message} ({error.hint})")
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = "\n".join(tables(results))
    files.write(PAGE, f"{before}{BEGIN}\n{lines}\n{END}{after}".encode())
    print(f"{PAGE} has the figures of {results.directory.study_id}")


if __name__ == "__main__":
    main()
