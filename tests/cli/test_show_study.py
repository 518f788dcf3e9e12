from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from rich.console import Console

from profiler.cli.main import run
from profiler.cli.show_study import print_plan, print_studies, print_study
from profiler.study.study_record import State, create_study
from tests.study.made import Made, make_results

if TYPE_CHECKING:
    from pathlib import Path

MADE = (
    Made("fast", 2, 20),
    Made("cheap", 8, 5, unserved=4),
    Made("none", repeats=0, failures=("no memory",)),
)


def console(width: int = 140) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False)


def shown(printed: Console) -> str:
    assert isinstance(printed.file, io.StringIO)
    return printed.file.getvalue()


def test_a_study_is_a_table_a_group_with_intervals() -> None:
    printed = console()
    print_study(printed, make_results(MADE))
    text = shown(printed)
    assert "minilm, no limit, 1 request/s" in text
    assert "cheap: overloaded: 12 of 312 requests were never served" in text
    assert "none: no memory" in text
    assert " to " in next(line for line in text.splitlines() if line.startswith("fast"))


@pytest.mark.parametrize("width", [60, 80])
def test_a_small_terminal_shows_the_most_wanted_figures_with_intervals(width: int) -> None:
    printed = console(width)
    print_study(printed, make_results(MADE))
    text = shown(printed)
    (row,) = (line for line in text.splitlines() if line.startswith("fast  "))
    assert row.count(" to ") == 2, "an interval is never left from its figure"
    assert len(row) <= width
    gone = next(line for line in text.splitlines() if line.startswith("no room here for: "))
    assert "p50 ms" in gone
    assert ("25 %" in row, "throttled, spinning" in gone) == ((True, False) if width == 80 else (False, True))


def test_a_plan_says_what_is_left_out() -> None:
    record = make_results([Made(), Made("future")], state=State.PLANNED).record
    refused = [
        msgspec.structs.replace(run, state=State.REFUSED, why="needs 99.0") if run.cell else run
        for run in record.schedule
    ]
    printed = console()
    print_plan(printed, msgspec.structs.replace(record, schedule=refused), None)
    text = shown(printed)
    assert text.startswith("made: 2 cells, 6 runs, about ")
    assert "spin-on on minilm, no limit, 1 request/s: 3 x (2 + 20 s, once + 10 s)" in text
    assert "left out: needs 99.0" in text


def test_studies_are_listed_with_how_far_they_got(tmp_path: Path) -> None:
    create_study(tmp_path, make_results([Made()], state=State.PLANNED).record)
    create_study(tmp_path, make_results([Made()], state=State.FAILED).record)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "study.json").write_text("[]")
    printed = console(400)
    print_studies(printed, tmp_path)
    text = shown(printed)
    for said in (
        "article",
        "0 of 3",
        "to be gone on with",
        "complete, 3 failed",
        "is not what ortprof writes",
    ):
        assert said in text, said


def test_show_takes_a_study_by_id_beginning_and_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = create_study(tmp_path, make_results([Made()], state=State.PLANNED).record)
    for name in (study.study_id, study.study_id[:-2], "made", str(study.path)):
        assert run(["show", name, "--reports", str(tmp_path)]) == 0
        assert capsys.readouterr().out.startswith(study.study_id)
    assert run(["show", "made", "--json", "--reports", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "ortprof.study-results/1"
    assert run(["show", "mad", "--reports", str(tmp_path)]) == 2
