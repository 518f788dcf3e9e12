from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler import runs
from profiler.errors import MachineError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = {
    "schema": "ortprof.summary/1",
    "complete": True,
    "measured": {"cpu_ms_per_request": 2.5, "latency_ms": {"p95": 7}},
    "cpu": {"total_ms": 200.0, "by_category": {"spin": 50.0}},
}


def make_run(
    reports: Path, name: str, configuration: str = "spin-on", *adjustments: str
) -> runs.RunDirectory:
    with runs.create(reports, name) as run:
        runs.write_json(
            run.manifest, {"configuration": {"name": configuration, "adjustments": list(adjustments)}}
        )
    return runs.RunDirectory(runs.complete_path(run))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "reports"


@pytest.fixture
def dead_pid() -> int:
    """The id of a process that has ended and was waited for."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


# --- names


def test_a_run_id_is_time_model_configuration_and_limit() -> None:
    assert runs.run_id("minilm", "spin-on", None, now=0) == "19700101T000000Z-minilm-spin-on"
    assert runs.run_id("minilm", "spin-on+t4", "0.1cpu", now=1e9) == (
        "20010909T014640Z-minilm-spin-on+t4-0.1cpu"
    )


@given(st.text(), st.text(), st.none() | st.text())
def test_a_run_id_of_any_text_is_one_visible_file_name(model: str, label: str, limit: str | None) -> None:
    name = runs.run_id(model, label, limit, now=0)
    assert re.fullmatch(r"19700101T000000Z-[A-Za-z0-9._+=-]*", name)
    assert len(name) < 255 - len(".partial-")


# --- writing


def test_a_run_gets_its_name_when_its_block_ends(reports: Path) -> None:
    with runs.create(reports, "a") as run:
        assert names_in(reports) == [".partial-a"]
        assert run.run_id == "a"
        run.manifest.write_text("{}")
    assert names_in(reports) == ["a"]
    assert names_in(reports / "a") == ["run.json"]
    assert runs.complete_path(run) == reports / "a"


def test_runs_of_one_name_are_numbered(reports: Path) -> None:
    assert [make_run(reports, "a").run_id for _ in range(3)] == ["a", "a.2", "a.3"]


def test_runs_of_one_name_at_one_time_are_numbered(reports: Path) -> None:
    with runs.create(reports, "a") as first, runs.create(reports, "a") as second:
        first.manifest.write_text("1")
        second.manifest.write_text("2")
    assert (first.run_id, second.run_id) == ("a", "a.2")
    assert (reports / "a" / "run.json").read_text() == "1"
    assert (reports / "a.2" / "run.json").read_text() == "2"


def test_many_writers_of_one_name_lose_no_run(reports: Path) -> None:
    writers, each = 8, 8
    together = threading.Barrier(writers)

    def write(_: int) -> list[str]:
        together.wait()
        return [make_run(reports, "a").run_id for _ in range(each)]

    with ThreadPoolExecutor(writers) as pool:
        written = [name for some in pool.map(write, range(writers)) for name in some]
    assert len(set(written)) == writers * each
    assert names_in(reports) == sorted(written)


def fail(reports: Path, error: BaseException, *files: str) -> None:
    """Write some of a run's files, then fail."""
    with runs.create(reports, "a") as run:
        for name in files:
            (run.path / name).write_text("{}")
        raise error


def test_an_error_before_the_manifest_leaves_nothing(reports: Path) -> None:
    with pytest.raises(KeyError, match="ours"):
        fail(reports, KeyError("ours"), "perf.data")
    assert names_in(reports) == []


def test_an_error_after_the_manifest_keeps_what_there_is(reports: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fail(reports, KeyboardInterrupt(), "run.json", "perf.data")
    assert names_in(reports / "a") == ["perf.data", "run.json"]
    assert [found.run_id for found in runs.list_runs(reports)] == ["a"]


def test_a_reports_folder_that_cant_be_made_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(MachineError, match=r"file/reports can't be written: Not a directory") as caught,
        runs.create(tmp_path / "file" / "reports", "a"),
    ):
        pass
    assert caught.value.hint == "choose another with --reports DIR"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    runs.write_json(path, {"a": "ü"})
    assert path.read_bytes() == '{\n "a": "ü"\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        runs.write_json(path, {"a": float("nan")})
    assert json.loads(path.read_bytes()) == {"a": "ü"}
    assert names_in(tmp_path) == ["summary.json"]


def test_a_write_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        runs.write_atomically(tmp_path / "taken", b"x")
    assert names_in(tmp_path) == ["taken"]


def test_readers_see_the_old_content_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "f"
    versions = [bytes([65 + n]) * 200_000 for n in range(2)]
    runs.write_atomically(path, versions[0])
    written = threading.Event()

    def write() -> None:
        for n in range(200):
            runs.write_atomically(path, versions[n % 2])
        written.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        seen = {path.read_bytes()}
        while not written.is_set() and not writing.done():
            seen.add(path.read_bytes())
        writing.result()
    assert seen <= set(versions)


# --- reading


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000],
    ids=["empty", "cut", "bytes", "deep", "long"],
)
def test_a_broken_document_is_an_error_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(UsageError, match=r"run\.json can't be read: "):
        runs.read_json(tmp_path / "run.json")


def test_a_missing_document_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"run\.json can't be read: .*No such file"):
        runs.read_json(tmp_path / "run.json")


def test_lists_hold_finished_runs_the_oldest_first(reports: Path) -> None:
    assert runs.list_runs(reports) == [], "before anything was recorded"
    make_run(reports, "b")
    make_run(reports, "a")
    (reports / "notes").mkdir()
    (reports / "index.html").write_text("")
    with runs.create(reports, "c") as unfinished:
        unfinished.manifest.write_text("{}")
        assert [run.run_id for run in runs.list_runs(reports)] == ["a", "b"]


@pytest.mark.parametrize("configuration", ["spin-on+t2", "spin-on"])
def test_a_configurations_name_and_label_find_its_latest_run(configuration: str, reports: Path) -> None:
    make_run(reports, "1", "spin-on", "t2")
    make_run(reports, "2", "spin-on", "t2")
    make_run(reports, "3", "spin-off")
    assert runs.find(configuration, reports).run_id == "2"


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


def test_an_empty_reports_folder_says_how_to_make_a_run(reports: Path) -> None:
    with pytest.raises(UsageError) as caught:
        runs.find("spin-on", reports)
    assert caught.value.hint == "`ortprof record` makes one"


def test_an_unfinished_run_is_not_found(reports: Path) -> None:
    with runs.create(reports, "a") as run:
        run.manifest.write_text('{"configuration": {"name": "spin-on", "adjustments": []}}')
        for name in ("a", ".partial-a", "spin-on"):
            with pytest.raises(UsageError):
                runs.find(name, reports)


# --- summaries


def test_a_summary_of_another_schema_is_refused(reports: Path) -> None:
    run = make_run(reports, "a")
    with pytest.raises(UsageError, match=r"^a was not analysed$") as caught:
        runs.read_summary(run)
    assert caught.value.hint == "`ortprof report a` does that"
    others: list[object] = [[], {}, {"schema": "ortprof.summary/2"}]
    for other in others:
        runs.write_json(run.summary, other)
        with pytest.raises(UsageError, match=r"summary\.json is not a summary that this version"):
            runs.read_summary(run)
    runs.write_json(run.summary, SUMMARY)
    assert runs.read_summary(run) == SUMMARY


def test_an_overview_has_the_most_wanted_figures(reports: Path) -> None:
    run = make_run(reports, "a")
    nothing = {
        "run_id": "a",
        "limit_cpus": None,
        "cpu_ms_per_request": None,
        "p95_ms": None,
        "spin_share": None,
    }
    assert runs.overview(run) == {**nothing, "state": "not analysed"}
    runs.write_json(run.summary, SUMMARY)
    figures = {
        "run_id": "a",
        "limit_cpus": None,
        "cpu_ms_per_request": 2.5,
        "p95_ms": 7.0,
        "spin_share": 0.25,
    }
    assert runs.overview(run) == {**figures, "state": "complete"}
    runs.write_json(run.summary, {**SUMMARY, "complete": False})
    assert runs.overview(run)["state"] == "interrupted"
    runs.write_json(
        run.summary, {**SUMMARY, "measured": {"cpu_ms_per_request": None}, "cpu": {"total_ms": 0}}
    )
    assert runs.overview(run) == {**nothing, "state": "complete"}


@pytest.mark.parametrize(
    "changes",
    [
        {"measured": None},
        {"measured": {"cpu_ms_per_request": "2.5"}},
        {"measured": {"latency_ms": {"p95": [7]}}},
        {"measured": {"latency_ms": 7}},
        {"cpu": {"total_ms": "200", "by_category": {"spin": 50}}},
        {"cpu": {"total_ms": 0.5, "by_category": {"spin": 10**400}}},
        {"cpu": {"total_ms": 200}},
    ],
)
def test_an_overview_of_a_broken_summary_holds_no_other_types(changes: dict[str, Any], reports: Path) -> None:
    run = make_run(reports, "a")
    runs.write_json(run.summary, {**SUMMARY, **changes})
    row = runs.overview(run)
    assert row["state"] == "not analysed"
    assert all(row[key] is None or type(row[key]) is float for key in ("cpu_ms_per_request", "p95_ms"))
    assert row["spin_share"] is None


# --- pruning


def test_recordings_are_pruned_once_their_trace_is_stored(reports: Path) -> None:
    assert runs.prunable(reports) == [], "before anything was recorded"
    decoded, fresh = make_run(reports, "a"), make_run(reports, "b")
    for run in (decoded, fresh):
        run.perf_data.write_bytes(b"12345")
    decoded.trace.write_bytes(b"")
    assert runs.prunable(reports) == [decoded.perf_data]
    assert runs.size_of(decoded.perf_data) == 5
    runs.remove(decoded.perf_data)
    assert runs.prunable(reports) == []
    assert decoded.trace.exists()


def test_what_a_living_writer_writes_is_not_pruned(reports: Path) -> None:
    with runs.create(reports, "a") as run:
        assert runs.prunable(reports) == []
        run.manifest.write_text("{}")
        assert runs.prunable(reports) == []
    assert runs.prunable(reports) == []


@pytest.mark.parametrize("owner", ["dead", None, "no number", "-1", ""])
def test_what_a_dead_writer_left_is_pruned(owner: str | None, reports: Path, dead_pid: int) -> None:
    partial = reports / ".partial-a"
    partial.mkdir(parents=True)
    (partial / "run.json").write_text("{}")
    if owner is not None:
        (partial / ".owner").write_text(str(dead_pid) if owner == "dead" else owner)
    assert runs.prunable(reports) == [partial]
    runs.remove(partial)
    assert names_in(reports) == []


def test_a_writer_that_was_killed_leaves_what_can_be_pruned(reports: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from profiler import runs\n"
        "with runs.create(Path(sys.argv[1]), 'a') as run:\n"
        "    print(run.path, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(reports)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        partial = writer.stdout.readline().decode().strip()
        assert runs.prunable(reports) == []
        writer.kill()
        writer.wait()
        assert [str(path) for path in runs.prunable(reports)] == [partial]


def test_the_size_of_a_run_is_that_of_its_files(reports: Path) -> None:
    run = make_run(reports, "a")
    before = runs.size_of(run.path)
    (run.path / "more").mkdir()
    (run.path / "more" / "file").write_bytes(b"x" * 1000)
    (run.path / "dangling").symlink_to("nowhere")
    assert runs.size_of(run.path) == before + 1000
    runs.remove(run.path)
    assert names_in(reports) == []
