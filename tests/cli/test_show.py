from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from profiler.attribution.waits.wait_figures import no_waits
from profiler.cli.show import print_summary
from tests.listing.annotated import annotated
from tests.pages.support import spinning
from tests.waiting import FUNCTION, SOURCE, line_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


def shown(summary: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=160)
    print_summary(console, summary | no_waits("not recorded"))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_hot_functions_have_their_line(tmp_path: Path) -> None:
    summary = annotated(tmp_path).summary
    (row,) = [line for line in shown(summary).splitlines() if f" {FUNCTION} " in line]
    assert row.rstrip().endswith(f"{SOURCE.name}:{line_of('polls')}")


@pytest.mark.parametrize("change", [{}, {"file": None}])
def test_without_debug_information_they_have_none(change: dict[str, None]) -> None:
    summary = spinning().analysis().summary
    rows = [
        {key: value for key, value in row.items() if key not in ("file", "line")} for row in summary["hot"]
    ]
    assert "None" not in shown({**summary, "hot": [row | change for row in rows]})
