from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import MachineError, UsageError
from profiler.run import runs
from profiler.run.directory import TRIAL_MANIFEST
from profiler.study import study_record
from profiler.study.study_record import State, StudyDirectory, StudyRecord
from tests.run.run_directories import names_in
from tests.study.made import Made, make_results

if TYPE_CHECKING:
    from collections.abc import Callable


def record(**changes: Any) -> StudyRecord:
    return make_results([Made(repeats=2)], state=State.PLANNED, **changes).record


def begin(reports: Path, **changes: Any) -> StudyDirectory:
    return study_record.create_study(reports, record(**changes))


def change(directory: StudyDirectory, path: list[Any], value: Any) -> None:
    document = inside = json.loads(directory.manifest.read_text())
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    directory.manifest.write_text(json.dumps(document))


def test_a_study_reads_back_as_it_was_written(tmp_path: Path) -> None:
    directory = begin(tmp_path, note="<b>", cpu_limits=("none", 0.1), rates=(1.0, 2.5))
    assert directory.study_id.endswith("-study-made")
    assert names_in(directory.path) == ["runs", "study.json"]
    assert study_record.read_record(directory) == record(
        note="<b>", cpu_limits=("none", 0.1), rates=(1.0, 2.5)
    )


def test_two_studies_of_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    assert len({begin(tmp_path).study_id for _ in range(3)}) == 3


def test_a_study_is_found_by_id_directory_and_name(tmp_path: Path) -> None:
    first, other, last = begin(tmp_path), begin(tmp_path, name="other"), begin(tmp_path)
    for path in (first, last):  # the second of a second sorts last
        path.path.rename(tmp_path / f"2026010{1 + (path == last)}-study-made")
    assert study_record.find_study("made", tmp_path).name == "20260102-study-made"
    assert study_record.find_study("20260101-study-made", tmp_path).name == "20260101-study-made"
    assert study_record.find_study(str(other.path), Path("/nowhere")) == other.path
    other.page.write_text("")
    assert study_record.find_study(str(other.page), Path("/nowhere")) == other.path
    with pytest.raises(UsageError) as caught:
        study_record.find_study("gone", tmp_path)
    assert "the latest: " in (caught.value.hint or "")


def test_a_broken_neighbour_hides_nothing(tmp_path: Path) -> None:
    wanted = begin(tmp_path)
    (tmp_path / "99990101-study-broken").mkdir()
    (tmp_path / "99990101-study-broken" / "study.json").write_text("{")
    assert study_record.find_study("made", tmp_path) == wanted.path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["schema"], "ortprof.study/2"),
        (["schedule", 0, "cell"], 1),
        (["schedule", 0, "cell"], -1),
        (["schedule", 0, "state"], "running"),
        (["schedule", 0, "state"], "almost"),
        (["schedule", 0, "run_id"], "../../etc"),
        (["schedule", 0, "run_id"], "/etc"),
        (["schedule", 0, "run_id"], ".."),
        (["schedule", 0, "run_id"], ".partial-x"),
        (["schedule", 0, "run_id"], "a\nb"),
        (["study", "configs"], []),
        (["study", "name"], "../up"),
        (["cells", 0, "workload", "rate"], 0),
        (["cells"], []),
        (["schedule"], {}),
    ],
)
def test_a_strangers_study_is_validated(tmp_path: Path, path: list[Any], value: Any) -> None:
    directory = begin(tmp_path)
    if value == "running":
        change(directory, ["schedule", 0, "run_id"], "")
    change(directory, path, value)
    with pytest.raises(UsageError) as caught:
        study_record.read_record(directory)
    assert str(directory.manifest) in caught.value.message


@given(content=st.binary(max_size=200) | st.just(b"[" * 100_000))
def test_any_bytes_are_a_study_or_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    directory = StudyDirectory(tmp_path_factory.mktemp("study"))
    directory.manifest.write_bytes(content)
    with pytest.raises(UsageError):
        study_record.read_record(directory)


def test_a_study_that_is_gone_or_no_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        study_record.read_record(StudyDirectory(tmp_path))
    assert not runs.is_study(tmp_path / ("x" * 5000))
    assert runs.list_studies(tmp_path / "gone") == []


def test_a_folder_that_cant_be_written_is_a_machine_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="can't be written"):
        begin(tmp_path / "file" / "reports")


def test_a_study_is_complete_when_nothing_is_left() -> None:
    planned = record()
    assert not planned.complete
    for state in (State.DONE, State.FAILED, State.REFUSED):
        for position, run in enumerate(planned.schedule):
            planned = planned.replaced(position, msgspec.structs.replace(run, state=state))
        assert planned.complete
    assert not planned.replaced(0, msgspec.structs.replace(planned.schedule[0], state=State.RUNNING)).complete


def test_a_second_ortprof_is_kept_off(tmp_path: Path) -> None:
    directory = begin(tmp_path)
    with (
        study_record.locked(directory),
        pytest.raises(UsageError, match="is being run by another ortprof"),
        study_record.locked(directory),
    ):
        pass
    with (
        study_record.locked(directory),
        (directory.path / ".lock").open() as file,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


@pytest.mark.parametrize("find", [study_record.find_study, study_record.find_run_or_study])
def test_a_trial_is_said_to_be_one(find: Callable[[str, Path], object], tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / TRIAL_MANIFEST).write_text("{}")
    with pytest.raises(UsageError, match="a is a trial") as caught:
        find("a", tmp_path)
    assert "ortprof show" in (caught.value.hint or "")
