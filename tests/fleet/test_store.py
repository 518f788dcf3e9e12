"""Runs and studies go into a store and come out as they were: a folder, and a server that speaks S3."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from profiler import files
from profiler.errors import MachineError, UsageError
from profiler.fleet import dataset
from profiler.fleet.dataset import open_tables
from profiler.fleet.fetch import fetch
from profiler.fleet.fleet_record import FleetDirectory
from profiler.fleet.listing import list_runs
from profiler.fleet.machine_type import type_of
from profiler.fleet.publish import Published, publish
from profiler.fleet.query import ask
from profiler.fleet.rows_of import Rows
from profiler.fleet.store import Store, open_store
from profiler.fleet.store_index import write_store_index
from profiler.run.directory import RunDirectory
from profiler.run.manifest import read_manifest
from profiler.run.runs import AmbiguousNameError
from profiler.study.results import read_results
from profiler.study.study_record import StudyDirectory
from tests.damage import NO_FILES, damage
from tests.fleet.conftest import STUDY, add_study, run_ids
from tests.hostile import MARKUP
from tests.pages.parsed_page import Page
from tests.record.monitors import Remembering
from tests.run.run_directories import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PORTABLE = {"run.json", "summary.json", "report.html", "requests.jsonl", "counters.json", "trace.npz"}


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return open_store(str(tmp_path / "store"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_server"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"bench-{os.getpid()}-{abs(hash(tmp_path)) % 10**8}"
    made = open_store(f"s3://{bucket}/of/ours")
    made.files.mkdir(bucket)
    return made


def all_of(reports: Path) -> list[RunDirectory | StudyDirectory]:
    return [
        StudyDirectory(path) if (path / "study.json").is_file() else RunDirectory(path)
        for path in sorted(reports.iterdir())
    ]


def test_what_is_published_comes_out_as_it_was(store: Store, reports: Path, tmp_path: Path) -> None:
    study = add_study(reports)
    assert publish(store, all_of(reports), Remembering()) == Published(written=3, left_out=0)
    elsewhere = tmp_path / "elsewhere"
    for name in run_ids(reports):
        there = contents(fetch(store, name, elsewhere))
        assert there.keys() >= PORTABLE
        assert "perf.data" not in there
        assert there.items() <= contents(reports / name).items()
    fetched = fetch(store, STUDY[:17], elsewhere)
    assert fetched == elsewhere / STUDY
    results = read_results(fetched)
    assert results.record == read_results(study.path).record
    assert [len(cell.measured) for cell in results.cells] == [1, 1]


def test_what_is_there_is_neither_published_nor_fetched_again(
    store: Store, reports: Path, tmp_path: Path
) -> None:
    add_study(reports)
    publish(store, all_of(reports), Remembering())
    rows = ask(open_tables(store), "SELECT * FROM runs ORDER BY ALL").rows
    assert publish(store, all_of(reports), Remembering()) == Published(written=0, left_out=0)
    assert ask(open_tables(store), "SELECT * FROM runs ORDER BY ALL").rows == rows
    elsewhere = tmp_path / "elsewhere"
    name = run_ids(reports)[0]
    files.write(fetch(store, name, elsewhere) / "report.html", b"mine")
    fetch(store, name, elsewhere)
    assert (elsewhere / name / "report.html").read_bytes() == b"mine"


@pytest.mark.parametrize("ends_at", [1, 4, 9])
def test_one_that_is_cut_off_goes_on(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    add_study(reports)
    store = open_store(str(tmp_path / "store"))
    whole, calls = Store.write, []

    def write(self: Store, name: str, content: bytes) -> None:
        calls.append(name)
        if len(calls) == ends_at:
            raise KeyboardInterrupt
        whole(self, name, content)

    monkeypatch.setattr(Store, "write", write)
    with pytest.raises(KeyboardInterrupt):
        publish(store, all_of(reports), Remembering())
    listed = ask(open_tables(store), "SELECT path FROM runs").rows
    assert all(store.read(f"{path}/run.json") for (path,) in listed), "a listed run is there"
    publish(store, all_of(reports), Remembering())
    assert ask(open_tables(store), "SELECT count(*), count(DISTINCT path) FROM runs").rows == [(4, 4)]


def test_a_study_is_told_apart_by_machine_type(reports: Path, tmp_path: Path) -> None:
    add_study(reports, kernel="9.9")
    store = open_store(str(tmp_path / "store"))
    publish(store, all_of(reports), Remembering())
    found = ask(
        open_tables(store),
        "SELECT configuration, kernel, repeats FROM cells JOIN machines USING (machine) "
        "WHERE study <> 'none' ORDER BY ALL",
    )
    assert [(row[0], row[2]) for row in found.rows] == [("spin-off", 1), ("spin-on", 1)]
    assert [row[1] == "9.9" for row in found.rows] == [True, False]


def test_a_run_that_was_not_analysed_is_left_out(reports: Path, tmp_path: Path) -> None:
    first, second = run_ids(reports)
    RunDirectory(reports / first).summary.unlink()
    store, monitor = open_store(str(tmp_path / "store")), Remembering()
    assert publish(store, all_of(reports), monitor) == Published(written=1, left_out=1)
    assert any(first in warning for warning in monitor.warnings)
    assert ask(open_tables(store), "SELECT path FROM runs").rows == [(second,)]


def test_studies_and_fleets_that_are_broken_are_left_out(reports: Path, tmp_path: Path) -> None:
    """They must not keep their neighbours out."""
    study, fleet = StudyDirectory(reports / "study"), FleetDirectory(reports / "fleet")
    for manifest in (study.manifest, fleet.manifest):
        manifest.parent.mkdir()
        manifest.write_text('{"schema": 1')
    sound = [directory for directory in all_of(reports) if directory.path not in {study.path, fleet.path}]
    store, monitor = open_store(str(tmp_path / "store")), Remembering()
    published = publish(store, [study, fleet, *sound], monitor)
    assert published == Published(written=len(sound), left_out=2)
    assert [warning.split(" is left out")[0] for warning in monitor.warnings] == ["study", "fleet"]


def test_a_part_of_an_earlier_ortprof_lacks_what_later_ones_know(reports: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    publish(store, all_of(reports), Remembering())
    parquet = pytest.importorskip("pyarrow.parquet")
    (part,) = (tmp_path / "store" / "dataset" / "runs").rglob("*.parquet")
    parquet.write_table(parquet.read_table(part, partitioning=None).drop_columns(["tokens", "callers"]), part)
    rows = ask(open_tables(store), "SELECT tokens, callers, processes FROM latest_runs").rows
    assert rows == [(None, None, 1)] * 2
    assert len(list_runs(store, 10, 0)[0]) == 2


def test_several_of_a_beginning_are_named(reports: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    publish(store, all_of(reports), Remembering())
    with pytest.raises(AmbiguousNameError, match="2 runs and studies begin with '2026"):
        fetch(store, "2026", tmp_path)
    with pytest.raises(UsageError, match="no run or study 'nothing'"):
        fetch(store, "nothing", tmp_path)


def test_names_from_a_store_lead_nowhere_else(reports: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    run = RunDirectory(reports / run_ids(reports)[0])
    rows = Rows()
    rows.add_run(run, "../../outside")
    machine = type_of(read_manifest(run.manifest).host)
    dataset.write(store, rows, "none", machine)
    with pytest.raises(UsageError, match="no run or study"):
        fetch(store, rows.runs[0].run_id, tmp_path / "reports")
    assert not (tmp_path / "outside").exists()


def test_a_store_that_is_not_there_is_said(reports: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--store nosuch://place"):
        open_store("nosuch://place")
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="can't be used"):
        publish(open_store(str(tmp_path / "file" / "below")), all_of(reports), Remembering())


def test_a_run_without_its_end_is_not_fetched(reports: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    publish(store, all_of(reports), Remembering())
    name = run_ids(reports)[0]
    (tmp_path / "store" / name / "run.json").unlink()
    with pytest.raises(UsageError, match="no whole run"):
        fetch(store, name, tmp_path / "elsewhere")
    assert not list((tmp_path / "elsewhere").iterdir())
    shutil.rmtree(tmp_path / "store")


def test_runs_come_in_pages(reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"20260{number}01T000000Z-study-made" for number in range(1, 5)]
    store = open_store(str(tmp_path / "store"))
    publish(store, [add_study(reports, name=name) for name in names], Remembering())
    publish(store, [RunDirectory(reports / name) for name in run_ids(reports)], Remembering())
    paths = [row["run_id"] for row in list_runs(store, 100, 0)[0]]
    wanted = [*(f"{name}/runs/{run}" for name in names for run in run_ids(reports)), *run_ids(reports)]
    assert paths == wanted, "of November, the single runs are the latest"
    pages = [list_runs(store, 3, skip) for skip in (0, 3, 6, 9)]
    assert [older for _, older in pages] == [True, True, True, False]
    assert [row["run_id"] for page, _ in reversed(pages) for row in page] == paths

    opened: list[str] = []
    whole = Store.open

    def open_seen(self: Store, path: str) -> Any:
        opened.append(path)
        return whole(self, path)

    monkeypatch.setattr(Store, "open", open_seen)
    list_runs(store, 3, 0)
    assert len(opened) < len(names) + 1, "a page reads what it shows"


def test_a_store_has_a_page_of_its_latest_runs(
    store: Store, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, all_of(reports), Remembering())
    page = Page(store.read("index.html").decode())
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    assert links == [f"{quote(name)}/report.html" for name in reversed(run_ids(reports))]
    assert "Older ones" not in page.text
    monkeypatch.setattr("profiler.fleet.store_index.PAGE_ENTRIES", 1)
    publish(store, [add_study(reports, name="20270101T000000Z-study-made")], Remembering())
    page = Page(store.read("index.html").decode())
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    study = "20270101T000000Z-study-made/runs"
    assert links == [f"{study}/{quote(name)}/report.html" for name in reversed(run_ids(reports))]
    assert f"ortprof runs --store {store.url}" in page.text


def test_a_page_leads_nowhere_else(reports: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    run = RunDirectory(reports / run_ids(reports)[0])
    rows = Rows()
    for path in ("../x", "javascript:x", "/etc", MARKUP):
        rows.add_run(run, path)
    dataset.write(store, rows, dataset.NO_STUDY, type_of(read_manifest(run.manifest).host))
    write_store_index(store)
    page = Page(store.read("index.html").decode())
    assert not [tag for tag, _ in page.elements if tag in ("a", "img")]
    assert page.text.count("no report") == 4


READERS: dict[str, Callable[[Store, Path], object]] = {
    "runs": lambda store, _: list_runs(store, 10, 0),
    "query": lambda store, _: ask(open_tables(store), "SELECT * FROM runs"),
    "fetch": lambda store, folder: fetch(store, "2", folder),
    "publish": lambda store, folder: publish(store, [RunDirectory(folder / "none")], Remembering()),
}


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


PARTS: dict[str, Callable[[Path], object]] = {
    **NO_FILES,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_bytes(b"PAR1 hello PAR1"),
    "large": _large,
}


def test_of_single_runs_a_page_reads_the_files_that_may_have_the_latest(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(tmp_path / "store"))
    first, *_ = run_ids(reports)
    machine = type_of(read_manifest(RunDirectory(reports / first).manifest).host)
    whole = Rows()
    whole.add_run(RunDirectory(reports / first), first)
    days = range(10, 30)
    for day in days:  # one published each day, and one of the day before that was forgotten
        names = [f"202612{day:02}T000000Z-x", f"202612{day - 1:02}T120000Z-x"]
        rows = [dataclasses.replace(whole.runs[0], run_id=name, path=name) for name in names]
        dataset.write(store, Rows(runs=rows), dataset.NO_STUDY, machine)
    # Of an ortprof that called its parts otherwise.
    (latest,) = (tmp_path / "store").rglob("part-20261229T000000Z-*.parquet")
    latest.rename(latest.with_name("part-0123456789abcdef.parquet"))
    wanted = sorted(
        f"202612{day:02}T{hour}0000Z-x" for end in days for day, hour in ((end, "00"), (end - 1, "12"))
    )
    opened: list[str] = []
    opens = Store.open

    def open_seen(self: Store, path: str) -> Any:
        opened.append(path)
        return opens(self, path)

    monkeypatch.setattr(Store, "open", open_seen)
    page, older = list_runs(store, 4, 0)
    assert [row["run_id"] for row in page] == wanted[-4:]
    assert older
    assert len(opened) < 5, "a page reads what it may show"
    pages = [list_runs(store, 7, skip)[0] for skip in range(0, len(wanted), 7)]
    assert [row["run_id"] for page in reversed(pages) for row in page] == wanted


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("reader", READERS)
def test_a_part_that_is_none_is_an_error_at_once(reader: str, part: str, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    folder = tmp_path / "store" / "dataset" / "runs" / "study=none" / "machine=x"
    folder.mkdir(parents=True)
    PARTS[part](folder / "part-0.parquet")
    with contextlib.suppress(UsageError, MachineError):
        READERS[reader](store, tmp_path / "here")


@pytest.mark.parametrize(
    "changes",
    [
        {"path": None},
        {"run_id": None},
        {"path": 7},
        {"p95_ms": "slow"},
        {"complete": "x"},
        {"path": "../../x"},
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_rows_that_are_none_are_an_error_or_left_out(
    reader: str, changes: dict[str, Any], reports: Path, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "store"))
    publish(store, all_of(reports), Remembering())
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    (part,) = (tmp_path / "store" / "dataset" / "runs").rglob("*.parquet")
    rows = [row | changes for row in parquet.read_table(part, partitioning=None).to_pylist()]
    parquet.write_table(arrow.Table.from_pylist(rows), part)
    with contextlib.suppress(UsageError):
        READERS[reader](store, tmp_path / "here")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("kind", NO_FILES)
def test_a_run_s_file_that_is_none_is_not_fetched(kind: str, reports: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    publish(store, all_of(reports), Remembering())
    name = run_ids(reports)[0]
    damage(tmp_path / "store" / name / "trace.npz", kind)
    with pytest.raises((UsageError, MachineError), match=r"trace\.npz|store"):
        fetch(store, name, tmp_path / "here")
    assert not (tmp_path / "here" / name).exists()
