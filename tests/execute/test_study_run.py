"""A study is killed at each of its steps and gone on with: nothing is lost, nothing is run twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from profiler.errors import InterruptedRunError, NotWrittenError, UsageError, WorkloadError
from profiler.execute import study_run
from profiler.execute.preparation import difference, find_same
from profiler.record import host
from profiler.run.manifest import read_manifest
from profiler.study import study_record
from profiler.study.results import read_results
from profiler.study.study_record import State, StudyDirectory
from tests.execute.worlds import KilledError, World, begin, go_on
from tests.run.run_directories import names_in
from tests.study.made import Made

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.execute.finished_run import FinishedRun
    from profiler.record.run_spec import RunSpec

STEPS_A_WRITE = 2
"""Ways to end: before and after a write of study.json."""
STEPS_A_RUN = STEPS_A_WRITE + 3
"""With three places within a run; study.json is written once a run, and at the end."""


def states(directory: StudyDirectory) -> Counter[State]:
    return Counter(run.state for run in study_record.read_record(directory).schedule)


def test_every_run_is_done_once_and_profiled_once_a_cell(world: World, tmp_path: Path) -> None:
    directory = begin(tmp_path)
    watching = go_on(directory)
    assert len(watching.begun) == len(set(watching.begun)) == 6
    assert world.profiled == ["spin-on", "spin-off"]
    results = read_results(directory.path)
    assert results.complete
    assert [cell.rounds for cell in results.cells] == [(0, 1, 2)] * 2
    assert [cell.profiled and cell.profiled.run_id for cell in results.cells] == world.finished[:2]
    assert sorted(names_in(directory.runs_folder)) == sorted(world.finished)
    assert not list(directory.runs_folder.glob("*/perf.data"))
    assert directory.page.exists()
    assert directory.study_id in (tmp_path / "reports" / "index.html").read_text()


def test_perf_data_is_kept_when_asked_for(world: World, tmp_path: Path) -> None:
    directory = begin(tmp_path)
    go_on(directory, keep_perf_data=True)
    assert len(list(directory.runs_folder.glob("*/perf.data"))) == len(world.finished)


def test_seeds_differ_by_round_and_not_by_cell(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = []

    def execute(spec: RunSpec, *args: Any, **options: Any) -> FinishedRun:
        seeds.append(spec.workload.seed)
        return world.execute(spec, *args, **options)

    monkeypatch.setattr(study_run, "execute", execute)
    go_on(begin(tmp_path))
    assert seeds == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("ends_at", range(1, 6 * STEPS_A_RUN + STEPS_A_WRITE + 1))
def test_a_killed_study_goes_on_where_it_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    directory = begin(tmp_path)
    monkeypatch.setattr(study_record, "write_record", world.write_record)
    world.ends_at = ends_at
    with pytest.raises(KilledError):
        go_on(directory)
    before = list(world.finished)
    go_on(directory)
    record = study_record.read_record(directory)
    assert states(directory) == {State.DONE: 6}
    assert sorted(run.run_id for run in record.schedule) == sorted(world.finished)
    assert world.finished[: len(before)] == before
    assert names_in(directory.runs_folder) == sorted(world.finished)
    assert Counter(world.profiled) == {"spin-on": 1, "spin-off": 1}
    assert sum(run.profiled for run in record.schedule) == 2


def test_a_run_has_as_many_steps_as_are_tried(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = begin(tmp_path)
    monkeypatch.setattr(study_record, "write_record", world.write_record)
    go_on(directory)
    assert world.steps == STEPS_A_RUN * len(world.finished) + STEPS_A_WRITE


def test_a_failed_run_is_noted_and_passed_over(world: World, tmp_path: Path) -> None:
    world.fails = lambda spec: (
        WorkloadError("out of memory") if spec.configuration.name == "spin-on" else None
    )
    directory = begin(tmp_path)
    watching = go_on(directory)
    assert states(directory) == {State.DONE: 3, State.FAILED: 3}
    assert watching.warnings[0] == "spin-on on minilm, no limit, 1 request/s, round 1: out of memory"
    failed, done = read_results(directory.path).cells
    assert (failed.measured, failed.failures) == ((), ("out of memory",))
    assert len(done.measured) == 3
    assert "out of memory" in directory.page.read_text()
    assert go_on(directory).begun == []  # not tried again
    world.fails = lambda _: None
    assert len(go_on(directory, retry_failed=True).begun) == 3
    assert states(directory) == {State.DONE: 6}
    assert sorted(world.profiled) == ["spin-off", "spin-on"]


def test_a_cell_whose_first_run_failed_is_profiled_by_the_next(world: World, tmp_path: Path) -> None:
    once = iter([WorkloadError("no luck")])
    world.fails = lambda _: next(once, None)
    go_on(begin(tmp_path, Made("spin-on")))
    assert world.profiled == ["spin-on"]


def test_ctrl_c_keeps_what_was_done_and_plans_the_rest(world: World, tmp_path: Path) -> None:
    world.fails = lambda _: InterruptedRunError("stopped") if len(world.finished) == 2 else None
    directory = begin(tmp_path)
    with pytest.raises(InterruptedRunError) as caught:
        go_on(directory)
    assert caught.value.message == "interrupted after 2 of 6 runs"
    assert caught.value.hint == f"`ortprof sweep {directory.path}` goes on from there"
    assert states(directory) == {State.DONE: 2, State.PLANNED: 4}
    assert "Unfinished: 4 of 6 runs are left." in directory.page.read_text()
    world.fails = lambda _: None
    assert len(go_on(directory).begun) == 4


def test_a_run_that_cannot_be_written_ends_the_study_and_is_done_anew(world: World, tmp_path: Path) -> None:
    world.fails = lambda _: NotWrittenError("report.html can't be written: No space left on device")
    directory = begin(tmp_path)
    with pytest.raises(NotWrittenError, match=r"report\.html can't be written"):
        go_on(directory)
    assert states(directory) == {State.PLANNED: 6}
    world.fails = lambda _: None
    assert len(go_on(directory).begun) == 6


def test_a_record_that_cannot_be_written_ends_the_study(world: World, tmp_path: Path) -> None:
    directory = begin(tmp_path)

    def closed(_: RunSpec) -> None:
        directory.manifest.unlink()
        directory.manifest.mkdir()

    world.fails = closed
    with pytest.raises(NotWrittenError, match=r"study\.json can't be written: Is a directory"):
        go_on(directory)
    assert len(world.finished) == 1


def test_a_damaged_run_is_a_failure_of_its_cell_alone(world: World, tmp_path: Path) -> None:
    directory = begin(tmp_path)
    go_on(directory)
    (directory.runs_folder / world.finished[0] / "requests.jsonl").write_text("{}\n")
    first, second = read_results(directory.path).cells
    assert first.rounds == (1, 2)
    assert "requests.jsonl is not what ortprof writes" in first.failures[0]
    assert second.failures == ()


def test_only_the_same_study_is_continued(world: World, tmp_path: Path) -> None:
    world.ends_at = 5
    directory = begin(tmp_path)
    with pytest.raises(KilledError):
        go_on(directory)
    planned = study_record.read_record(directory)
    reports = directory.path.parent
    assert find_same(planned, reports) == directory
    replace = msgspec.structs.replace
    others = {
        "its definition is another": replace(planned, study=replace(planned.study, repeat=7)),
        "a model or a configuration has changed": replace(planned, cells=planned.cells[:1]),
        "it ran another interpreter (--python python)": replace(planned, python="other"),
        "it ran ONNX Runtime 1.31.1, not 1.32.0": replace(planned, ort_version="1.32.0"),
        "its schedule is another": replace(planned, schedule=planned.schedule[:2]),
    }
    for why, other in others.items():
        assert difference(planned, other) == why
        assert find_same(other, reports) is None
    go_on(directory)
    assert find_same(planned, reports) is None  # the run that all are copies of is another machine's


def test_a_finished_study_of_this_machine_is_the_same(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = begin(tmp_path)
    planned = study_record.read_record(directory)
    go_on(directory)
    there = read_manifest(world.run.manifest).host
    monkeypatch.setattr(host, "describe", lambda: there)
    assert find_same(planned, directory.path.parent) == directory
    other = msgspec.structs.replace(planned, study=msgspec.structs.replace(planned.study, title="Other"))
    assert find_same(other, directory.path.parent) == directory


def test_two_at_once_are_refused(world: World, tmp_path: Path) -> None:
    directory = begin(tmp_path)
    with study_record.locked(directory), pytest.raises(UsageError, match="another ortprof"):
        go_on(directory)
    assert world.finished == []
