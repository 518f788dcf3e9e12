from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from profiler.cli.show import print_summary
from profiler.run.summary import from_document, to_document
from tests.listing.annotated import annotated
from tests.pages.support import spinning
from tests.waiting import FUNCTION, SOURCE, line_of

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.summary import Summary


def shown(summary: Summary) -> str:
    console = Console(file=io.StringIO(), width=160)
    print_summary(console, summary)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_hot_functions_have_their_line(tmp_path: Path) -> None:
    summary = annotated(tmp_path).summary
    (row,) = [line for line in shown(summary).splitlines() if f" {FUNCTION} " in line]
    assert row.rstrip().endswith(f"{SOURCE.name}:{line_of('polls')}")


def test_without_debug_information_they_have_none() -> None:
    summary = spinning().analysis().summary
    assert "None" not in shown(summary)
    older = to_document(summary)
    for row in older["hot"]:
        assert (row.pop("file"), row.pop("line")) == (None, None)
    assert "None" not in shown(from_document(older))
