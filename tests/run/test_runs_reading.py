from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler import files
from profiler.errors import UsageError
from profiler.run import runs
from profiler.run.directory import create_run
from profiler.run.summary import read_summary, to_document
from tests.run.run_directories import make_run
from tests.summaries import made_summary

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "reports"


# --- reading


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000],
    ids=["empty", "cut", "bytes", "deep", "long"],
)
def test_a_broken_document_is_an_error_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(UsageError, match=r"run\.json can't be read: "):
        files.read_json(tmp_path / "run.json")


def test_a_missing_document_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"run\.json can't be read: .*No such file"):
        files.read_json(tmp_path / "run.json")


def test_lists_hold_finished_runs_the_oldest_first(reports: Path) -> None:
    assert runs.list_runs(reports) == [], "before anything was recorded"
    make_run(reports, "b")
    make_run(reports, "a")
    (reports / "notes").mkdir()
    (reports / "index.html").write_text("")
    with create_run(reports, "c") as unfinished:
        unfinished.manifest.write_text("{}")
        assert [run.run_id for run in runs.list_runs(reports)] == ["a", "b"]


@pytest.mark.parametrize("configuration", ["spin-on+t2", "spin-on"])
def test_a_configurations_name_and_label_find_its_latest_run(configuration: str, reports: Path) -> None:
    make_run(reports, "1", "spin-on", "t2")
    make_run(reports, "2", "spin-on", "t2")
    make_run(reports, "3", "spin-off")
    assert runs.find(configuration, reports).run_id == "2"


def test_an_interrupted_run_is_meant_only_where_no_other_is_there(reports: Path) -> None:
    make_run(reports, "1", "spin-on")
    later = make_run(reports, "2", "spin-on")
    files.write_json(later.manifest, files.read_json(later.manifest) | {"complete": False})
    assert runs.find("spin-on", reports).run_id == "1"
    assert [run.run_id for run in runs.candidates("spin-on", reports)] == ["1", "2"]
    assert runs.find("2", reports).run_id == "2"


def test_a_label_does_not_find_other_adjustments(reports: Path) -> None:
    make_run(reports, "1", "spin-on", "t2")
    make_run(reports, "2", "spin-on")
    assert runs.find("spin-on+t2", reports).run_id == "1"
    assert runs.find("spin-on", reports).run_id == "2"


def test_a_run_is_found_by_id_and_by_directory(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_run(reports, "a").path
    assert runs.find("a", reports).path == path
    assert runs.find(str(path), tmp_path / "elsewhere").path == path
    monkeypatch.chdir(reports)
    assert runs.find("./a", tmp_path / "elsewhere").path == path
    monkeypatch.chdir(path)
    assert runs.find(".", tmp_path / "elsewhere").path == path


@pytest.mark.parametrize("what", ["study", "fleet", "trial"])
def test_what_holds_several_runs_is_said_to_be_no_run(what: str, reports: Path) -> None:
    make_run(reports, "a")
    (reports / "b").mkdir()
    (reports / "b" / f"{what}.json").write_text("{}")
    for name in ("b", str(reports / "b")):
        with pytest.raises(UsageError, match=f"{name} is a {what}, not a run"):
            runs.find(name, reports)


def test_a_file_in_a_run_stands_for_it(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(reports, "a")
    run.report.write_text("")
    assert runs.find(str(run.report), tmp_path / "elsewhere").path == run.path
    assert runs.find("a/report.html", reports).path == run.path
    monkeypatch.chdir(run.path)
    assert runs.find("report.html", tmp_path / "elsewhere").path == run.path


def test_a_name_that_is_nearly_one_is_guessed(reports: Path) -> None:
    make_run(reports, "1", "spin-off")
    with pytest.raises(UsageError) as refused:
        runs.find("spinoff", reports)
    assert "did you mean 'spin-off'?" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "7",
        '"configuration"',
        "{}",
        '{"configuration": 1}',
        '{"configuration": {"name": "spin-on"}}',
        '{"configuration": {"name": 1, "adjustments": []}}',
        '{"configuration": {"name": "spin-on", "adjustments": 1}}',
        '{"configuration": {"name": "spin-on", "adjustments": [1]}}',
        "[" * 100_000,
    ],
)
def test_a_broken_neighbour_does_not_hide_a_run(manifest: str, reports: Path) -> None:
    make_run(reports, "1", "spin-on")
    (reports / "2").mkdir()
    (reports / "2" / "run.json").write_text(manifest)
    assert runs.find("spin-on", reports).run_id == "1"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "../..", "a/b", "x" * 300, "zero\0byte", "~", "*", "\udcff"]
)
def test_a_name_that_is_no_runs_is_a_usage_error(
    name: str, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in "1234":
        make_run(reports, number)
    monkeypatch.chdir(reports)
    with pytest.raises(UsageError) as caught:
        runs.find(name, reports)
    assert caught.value.message == f"there is no run {name!r} in {reports}"
    assert caught.value.hint == "the latest: 2, 3, 4; `ortprof runs` lists all"


def test_a_unique_beginning_names_a_run(reports: Path) -> None:
    for name in ("20260101T1-a", "20260101T1-ab", "20260102T1-c"):
        make_run(reports, name)
    assert runs.find("20260102", reports).run_id == "20260102T1-c"
    assert runs.find("20260101T1-a", reports).run_id == "20260101T1-a"
    with pytest.raises(runs.AmbiguousNameError) as caught:
        runs.find("20260101", reports)
    assert caught.value.message == "2 runs begin with '20260101'"
    assert caught.value.hint == "20260101T1-a, 20260101T1-ab"
    for number in range(4):
        make_run(reports, f"2026010{number + 3}")
    with pytest.raises(runs.AmbiguousNameError) as caught:
        runs.find("2026", reports)
    assert caught.value.hint is not None
    assert caught.value.hint.endswith(" and 2 more")


def test_an_empty_reports_folder_says_how_to_make_a_run(reports: Path) -> None:
    with pytest.raises(UsageError) as caught:
        runs.find("spin-on", reports)
    assert caught.value.hint == "`ortprof record` makes one"


def test_an_unfinished_run_is_not_found(reports: Path) -> None:
    with create_run(reports, "a") as run:
        run.manifest.write_text('{"configuration": {"name": "spin-on", "adjustments": []}}')
        for name in ("a", ".partial-a", "spin-on"):
            with pytest.raises(UsageError):
                runs.find(name, reports)


# --- summaries


def test_a_summary_of_another_schema_is_refused(reports: Path) -> None:
    run = make_run(reports, "a")
    with pytest.raises(UsageError, match=r"^a was not analysed$") as caught:
        read_summary(run)
    assert caught.value.hint == "`ortprof report a` does that"
    others: list[object] = [[], {}, {"schema": "ortprof.summary/2"}]
    for other in others:
        files.write_json(run.summary, other)
        with pytest.raises(UsageError, match=r"summary\.json is not a summary that this version"):
            read_summary(run)
    files.write_json(run.summary, to_document(made_summary()))
    assert read_summary(run) == made_summary()
