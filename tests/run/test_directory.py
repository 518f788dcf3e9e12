from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler import files
from profiler.errors import MachineError, UsageError
from profiler.run import directory, pruning, runs
from profiler.run.directory import complete_path, create_run, make_run_id
from tests.interrupting import interrupt, interrupting, wait_for_the_signal
from tests.run.run_directories import make_run, names_in

if TYPE_CHECKING:
    from pathlib import Path


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
    assert make_run_id("minilm", "spin-on", None, now=0) == "19700101T000000Z-minilm-spin-on"
    assert make_run_id("minilm", "spin-on+t4", "0.1cpu", now=1e9) == (
        "20010909T014640Z-minilm-spin-on+t4-0.1cpu"
    )


@given(st.text(), st.text(), st.none() | st.text())
def test_a_run_id_of_any_text_is_one_visible_file_name(model: str, label: str, limit: str | None) -> None:
    name = make_run_id(model, label, limit, now=0)
    assert re.fullmatch(r"19700101T000000Z-[A-Za-z0-9._+=-]*", name)
    assert len(name) < 255 - len(".partial-")


# --- writing


def test_a_run_gets_its_name_when_its_block_ends(reports: Path) -> None:
    with create_run(reports, "a") as run:
        assert names_in(reports) == [".partial-a"]
        assert run.run_id == "a"
        run.manifest.write_text("{}")
    assert names_in(reports) == ["a"]
    assert names_in(reports / "a") == ["run.json"]
    assert complete_path(run) == reports / "a"


def test_an_interrupt_while_a_directory_is_made_leaves_none(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = directory._reserve

    def interrupted(folder: Path, name: str) -> Path:
        made = reserve(folder, name)
        interrupt()
        return made

    monkeypatch.setattr(directory, "_reserve", interrupted)
    with interrupting(), pytest.raises(KeyboardInterrupt), create_run(reports, "a"):
        wait_for_the_signal()
    assert names_in(reports) == []


def test_runs_of_one_name_are_numbered(reports: Path) -> None:
    assert [make_run(reports, "a").run_id for _ in range(3)] == ["a", "a.2", "a.3"]


def test_runs_of_one_name_at_one_time_are_numbered(reports: Path) -> None:
    with create_run(reports, "a") as first, create_run(reports, "a") as second:
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
    with create_run(reports, "a") as run:
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
        create_run(tmp_path / "file" / "reports", "a"),
    ):
        pass
    assert caught.value.hint == "choose another with --reports DIR"


def test_a_run_that_can_not_be_marked_leaves_nothing(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a disk with no inode left but one."""
    monkeypatch.setattr(directory, "OWNER", "x" * 300)
    with pytest.raises(MachineError, match="can't be written: File name too long"), create_run(reports, "a"):
        pass
    assert not any(reports.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    files.write_json(path, {"a": "ü"})
    assert path.read_bytes() == '{\n "a": "ü"\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(path, {"a": float("nan")})
    assert json.loads(path.read_bytes()) == {"a": "ü"}
    assert names_in(tmp_path) == ["summary.json"]


def test_a_path_that_is_no_utf_8_can_be_written_down(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    files.write_json(path, {"model": os.fsdecode(b"m\xff.onnx")})
    assert files.read_json(path) == {"model": "m?.onnx"}


def test_a_write_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(MachineError, match="taken can't be written: Is a directory"):
        files.write(tmp_path / "taken", b"x")
    assert names_in(tmp_path) == ["taken"]


def test_readers_see_the_old_content_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "f"
    versions = [bytes([65 + n]) * 200_000 for n in range(2)]
    files.write(path, versions[0])
    written = threading.Event()

    def write() -> None:
        for n in range(200):
            files.write(path, versions[n % 2])
        written.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        seen = {path.read_bytes()}
        while not written.is_set() and not writing.done():
            seen.add(path.read_bytes())
        writing.result()
    assert seen <= set(versions)


# --- pruning


def test_recordings_are_pruned_once_their_trace_is_stored(reports: Path) -> None:
    assert pruning.prunable(reports) == [], "before anything was recorded"
    decoded, fresh = make_run(reports, "a"), make_run(reports, "b")
    for run in (decoded, fresh):
        run.perf_data.write_bytes(b"12345")
    decoded.trace.write_bytes(b"")
    assert pruning.prunable(reports) == [decoded.perf_data]
    assert pruning.size_of(decoded.perf_data) == 5
    pruning.remove(decoded.perf_data)
    assert pruning.prunable(reports) == []
    assert decoded.trace.exists()


def test_the_files_of_a_container_go_with_its_recording(reports: Path) -> None:
    run = make_run(reports, "a")
    library = run.mapped / "usr" / "lib" / "libc.so.6"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"12345")
    assert pruning.prunable(reports) == [], "the recording can still be decoded with them"
    run.trace.write_bytes(b"")
    assert pruning.prunable(reports) == [run.mapped]
    assert pruning.size_of(run.mapped) == 5
    pruning.remove(run.mapped)
    assert not run.mapped.exists()


def test_a_stranger_s_link_leads_nowhere(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_bytes(bytes(1000))
    run = make_run(reports, "a")
    run.trace.write_bytes(b"")
    run.mapped.symlink_to(tmp_path / "mine")
    assert pruning.size_of(run.mapped) < 1000
    for path in pruning.prunable(reports):
        pruning.remove(path)
    assert (tmp_path / "mine" / "file").exists()
    assert not run.mapped.is_symlink()


def test_what_a_living_writer_writes_is_not_pruned(reports: Path) -> None:
    with create_run(reports, "a") as run:
        assert pruning.prunable(reports) == []
        run.manifest.write_text("{}")
        assert pruning.prunable(reports) == []
    assert pruning.prunable(reports) == []


def make_partial(reports: Path, mark: str) -> Path:
    """Make a temporary directory that nobody writes any more."""
    partial = reports / ".partial-a"
    partial.mkdir(parents=True)
    if mark == "fifo":
        os.mkfifo(partial / ".owner")
    elif mark == "none":
        os.utime(partial, (0, 0))
    else:
        (partial / ".owner").touch()
    return partial


MARKS = pytest.mark.parametrize("mark", ["unlocked", "fifo", "none"])


@MARKS
def test_what_a_dead_writer_left_before_a_phase_was_finished_is_pruned(mark: str, reports: Path) -> None:
    partial = make_partial(reports, mark)
    assert pruning.prunable(reports) == [partial]
    assert pruning.rescue(reports) == []
    assert names_in(reports) == []


@MARKS
def test_what_a_dead_writer_had_finished_is_rescued(mark: str, reports: Path) -> None:
    partial = make_partial(reports, mark)
    (partial / "run.json").write_text("{}")
    os.utime(partial, (0, 0))
    (reports / "a").mkdir()
    assert pruning.prunable(reports) == []
    assert [run.run_id for run in pruning.rescue(reports)] == ["a.2"]
    assert names_in(reports) == ["a", "a.2"]
    assert names_in(reports / "a.2") == ["run.json"]


@pytest.mark.parametrize("holder", ["s/study.json", "t/trial.json", "f/machine/study.json"])
def test_what_is_left_in_studies_and_trials_is_found_but_through_no_link(holder: str, reports: Path) -> None:
    folder = (reports / holder).parent
    folder.mkdir(parents=True)
    (reports / holder).touch()
    (reports / "f").mkdir(exist_ok=True)
    (reports / "f" / "fleet.json").touch()
    outside = make_partial(reports.parent / "outside", "unlocked")
    (folder / "runs").symlink_to(outside.parent)
    assert pruning.prunable(reports) == []
    (folder / "runs").unlink()
    partial = make_partial(folder / "runs", "unlocked")
    assert pruning.prunable(reports) == [partial]


def test_a_folder_in_the_place_of_a_mark_ends_nothing(reports: Path) -> None:
    partial = make_partial(reports, "none")
    (partial / "run.json").write_text("{}")
    (partial / ".owner").mkdir()
    assert [run.run_id for run in pruning.rescue(reports)] == ["a"]


def test_what_is_named_like_a_temporary_directory_and_is_none_is_left(reports: Path) -> None:
    reports.mkdir(parents=True, exist_ok=True)
    os.mkfifo(reports / ".partial-x")
    assert pruning.rescue(reports) == []
    assert names_in(reports) == [".partial-x"]


def test_a_directory_that_was_just_made_is_somebody_s(reports: Path) -> None:
    (reports / ".partial-a").mkdir(parents=True)
    assert pruning.abandoned(reports) == []


def test_a_link_to_a_run_goes_and_what_it_leads_to_stays(reports: Path, tmp_path: Path) -> None:
    elsewhere = make_run(tmp_path / "elsewhere", "a")
    reports.mkdir(parents=True)
    (reports / "a").symlink_to(elsewhere.path)
    pruning.remove_run("a", reports)
    assert names_in(reports) == []
    assert elsewhere.manifest.is_file()


@pytest.mark.parametrize("name", ["../elsewhere/a", "..", ".", "", "no such run"])
def test_only_runs_of_the_folder_are_removed(name: str, reports: Path, tmp_path: Path) -> None:
    elsewhere = make_run(tmp_path / "elsewhere", "a")
    make_run(reports, "b")
    with pytest.raises(UsageError, match="is no run of"):
        pruning.remove_run(name, reports)
    with pytest.raises(UsageError, match="is no run of"):
        pruning.remove_run(str(elsewhere.path), reports)
    assert elsewhere.manifest.is_file()
    assert names_in(reports) == ["b"]


def test_a_writer_that_was_killed_leaves_what_can_be_pruned(reports: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from profiler.run.directory import create_run\n"
        "with create_run(Path(sys.argv[1]), 'a') as run:\n"
        "    print(run.path, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(reports)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        partial = writer.stdout.readline().decode().strip()
        assert pruning.prunable(reports) == []
        writer.kill()
        writer.wait()
        assert [str(path) for path in pruning.prunable(reports)] == [partial]


def test_the_size_of_a_run_is_that_of_its_files(reports: Path) -> None:
    run = make_run(reports, "a")
    before = pruning.size_of(run.path)
    (run.path / "more").mkdir()
    (run.path / "more" / "file").write_bytes(b"x" * 1000)
    (run.path / "dangling").symlink_to("nowhere")
    assert pruning.size_of(run.path) == before + 1000
    pruning.remove(run.path)
    assert names_in(reports) == []
