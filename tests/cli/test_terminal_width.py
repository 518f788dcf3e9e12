"""Tables on real terminals of 60 and 80 columns: figures stay whole, names shorten."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress, TextColumn

from profiler.cli import show_study, show_trial
from profiler.cli.main import run
from profiler.cli.terminal.console import TerminalMonitor
from profiler.cli.terminal.fitted_table import FittedTable, figure, name, prose, word
from profiler.findings.function_names import fit
from profiler.record.monitor import Tick
from profiler.study.study_record import create_study
from profiler.study.trial.verdict import judge
from tests.cli.terminals import lines, on_terminal
from tests.study.made import Made, make_results
from tests.study.made_trials import three, trial

DATA = Path(__file__).resolve().parents[1] / "pages" / "data"
LONG = "20260101T000000Z-minilm-a-configuration-with-a-rather-long-name-spin"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real runs, analysed, one with a long name and operators; a study."""
    folder = tmp_path_factory.mktemp("reports")
    for source, run_id in (("spin-on", "on"), ("spin-off", f"{LONG}-off")):
        shutil.copytree(DATA / source, folder / run_id)
        assert run(["report", run_id, "--no-source", "--reports", str(folder)]) == 0
    create_study(folder, make_results([Made(), Made("a-name-that-is-longer-than-most")]).record)
    return folder


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize(
    "command",
    [
        *("show on", f"show {LONG}-off", "show made", "runs", "compare on spin-off", "configs", "models"),
        *("sweep --list", "annotate on"),
    ],
)
def test_no_table_is_wider_than_the_terminal(columns: int, command: str, reports: Path) -> None:
    place = () if command in {"configs", "models"} else ("--reports", str(reports))
    code, shown = on_terminal(columns, *command.split(), *place)
    assert code == 0, shown
    tables = [line for line in lines(shown) if "  " in line.strip()]
    assert tables or command == "show made"
    if command != "annotate on":  # a listing, as wide as its source
        assert max(map(cell_len, tables), default=0) <= columns


@pytest.mark.parametrize("columns", [60, 80])
def test_figures_are_whole_where_names_are_not(columns: int, reports: Path) -> None:
    _, shown = on_terminal(columns, "show", "on", "--reports", str(reports))
    measured = next(line for line in lines(shown) if line.startswith("measured"))
    assert measured.split()[-4:] == ["4.65", "12.16", "-", "12.76"]
    assert "…" not in measured
    assert any(line.rstrip().endswith("…") for line in lines(shown))
    assert ("no room here for: seconds" in "\n".join(lines(shown))) == (columns == 60)
    _, shown = on_terminal(columns, "runs", "--reports", str(reports))
    assert any(line.startswith("20260101T000000Z-minilm-") and "…" in line for line in lines(shown))


def test_a_pipe_has_room_for_all(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", "--reports", str(reports)]) == 0
    assert f"{LONG}-off" in capsys.readouterr().out


def printed(width: int, table: FittedTable) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue().splitlines()


def test_what_has_no_room_goes_by_rank_and_is_named() -> None:
    table = FittedTable(
        [name("who"), figure("first"), figure("second", 1), figure("third", 2), word("state")]
    )
    table.add("a name of twenty and more", "1,234.56", "2", "3", "complete")
    assert printed(80, table)[1].split("  ")[0] == "a name of twenty and more"
    narrow = printed(44, table)
    assert narrow[-1] == "no room here for: third"
    assert "1,234.56" in narrow[1]
    assert "…" in narrow[1]
    assert printed(34, table)[-1] == "no room here for: second, third"


def test_names_stay_apart_and_other_columns_go_sooner() -> None:
    table = FittedTable([name("part"), figure("ms"), figure("less wanted", 1)])
    table.add("  meanwhile workers computing", "1.00", "1")
    table.add("  meanwhile workers waking up", "2.00", "2")
    shown = printed(30, table)
    assert len({line[:21] for line in shown[1:3]}) == 2
    assert shown[-1] == "no room here for: less wanted"


def test_names_give_way_where_figures_would_be_cut() -> None:
    table = FittedTable([figure("self"), name("function", least=34, fit=fit)])
    table.add("68.4%", "[no unwind info] onnxruntime_pybind11_state.so+0x19027fc (function)")
    table.add("31.6%", "another_function_with_a_long_name")
    for width in (20, 30, 44):
        shown = printed(width, table)
        assert shown[1].startswith("68.4%")
        assert shown[1].endswith("+0x19027fc")
        assert max(map(cell_len, shown)) <= width


@pytest.mark.parametrize("columns", [60, 80])
def test_a_studys_figure_never_goes_without_how_sure_it_is(columns: int) -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=columns)
    noisy = Made("noisy", 5, 10, repeats=2, spread=2.0)
    show_study.print_study(console, make_results([Made("steady", 5, 10), noisy]))
    shown = printed.getvalue()
    steady, unsure = (
        next(line for line in shown.splitlines() if line.startswith(one)) for one in ("steady", "noisy")
    )
    assert " to " in steady
    assert "(unsure)" in unsure
    assert "no room here for: " in shown


def test_a_runs_id_is_whole_on_80_columns(tmp_path: Path) -> None:
    run_id = "20260101T000000Z-minilm-spin-on+spin_duration_us=500"
    shutil.copytree(DATA / "spin-on", tmp_path / run_id)
    _, shown = on_terminal(80, "runs", "--reports", str(tmp_path))
    assert run_id in shown


def test_lines_end_with_what_they_say() -> None:
    table = FittedTable([name("run"), figure("CPU"), prose("why")])
    table.add("a", "1", "a long reason")
    table.add("b", "2", "short")
    table.add("c", "", "")
    shown = printed(1000, table)
    assert shown == [line.rstrip() for line in shown]
    assert [line.split() for line in shown[2:]] == [["b", "2", "short"], ["c"]]


def test_a_title_breaks_where_the_names_below_it_fit() -> None:
    table = FittedTable([name("predicted (requests inferred)"), figure("CPU ms")])
    table.add("spin-off", "6.00 (5.50 to 6.50)")
    shown = printed(40, table)
    assert not [line for line in shown if "…" in line]
    assert shown[1].startswith("inferred)")


def test_a_trial_on_80_columns_shows_its_configurations_whole() -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=80)
    runs = [*three("as-is", 84.8, 55.2), *three("spin-off", 13.1, 48.2), *three("single-thread", 11.7, 31.3)]
    show_trial._table(console, judge(trial(*runs)))
    shown = printed.getvalue()
    assert "single-thread " in shown
    assert "…" not in shown


def test_progress_counts_requests_once_some_are_known() -> None:
    console, shown = Console(file=io.StringIO(), width=80, force_terminal=True), []
    with Progress(TextColumn("{task.fields[detail]}"), console=console) as progress:
        monitor = TerminalMonitor(console, progress)
        for requests in (0, 1, 2):
            monitor.tick(Tick("profile", 1.0, 10.0, 12.0, requests, None))
            shown.append(progress.tasks[0].fields["detail"])
    assert ["request" in detail for detail in shown] == [False, True, True]
    assert shown[1].endswith("  1 request")
