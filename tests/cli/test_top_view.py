from __future__ import annotations

import io

import pytest

from profiler.cli.terminal.console import _CleanConsole
from profiler.cli.terminal.top_view import summary, view
from tests.live.made_moments import moment


@pytest.mark.parametrize("width", [80, 60])
def test_what_is_shown_fits(width: int) -> None:
    printed = io.StringIO()
    console = _CleanConsole(file=printed, width=width, height=24, highlight=False)
    console.print(view(moment(), "", 24))
    shown = printed.getvalue()
    lines = shown.splitlines()
    assert max(map(len, lines)) <= width
    [pool] = [line for line in lines if line.startswith("pool A (2)")]
    assert "80.0" in pool
    assert "76.0" in pool
    assert "\x1b" not in shown
    assert "q quits" in shown


def test_rows_that_have_no_room_are_counted() -> None:
    printed = io.StringIO()
    console = _CleanConsole(file=printed, width=80, highlight=False)
    console.print(view(moment(), "saved: x", 8))
    shown = printed.getvalue()
    assert "3 more rows; saved: x" in shown


def test_the_whole_in_a_line() -> None:
    said = summary(moment(requests=3.5, lost=2))
    assert said.startswith("1 process; 90.0 % of a core; of what was sampled, 84 % polling (")
    assert "150 switches/s; 3.5 requests/s; last 10 s, 450 samples; 2 samples lost" in said
