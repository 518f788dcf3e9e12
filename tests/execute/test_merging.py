"""Shards of a study are run apart, merged, and give what one machine would have given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from profiler.errors import UsageError
from profiler.execute import merging, study_run
from profiler.execute.merging import merge_studies
from profiler.run import runs
from profiler.run.copying import copy_run
from profiler.study import study_record
from profiler.study.results import read_results
from profiler.study.shards import only_shard
from profiler.study.study_record import Shard, State, StudyDirectory
from tests.execute.worlds import KilledError, World, go_on, planned
from tests.record.monitors import Remembering
from tests.run.run_directories import names_in

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.directory import RunDirectory

OF = 3


@pytest.fixture
def shards(world: World, tmp_path: Path) -> list[StudyDirectory]:
    made = []
    for number in range(1, OF + 1):
        record = only_shard(planned(), Shard(number, OF))
        made.append(study_record.create_study(tmp_path / f"machine-{number}", record))
        go_on(made[-1])
    assert len(world.finished) == len(planned().schedule)
    return made


def state_of(folder: Path) -> dict[str, int]:
    return {
        os.path.relpath(path, folder): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("study.html", "index.html", ".lock")
    }


def test_merged_shards_are_the_whole_study(
    world: World, shards: list[StudyDirectory], tmp_path: Path
) -> None:
    before = [state_of(shard.path) for shard in shards]
    results = merge_studies(shards, tmp_path / "reports", Remembering())
    assert results.complete
    assert [cell.rounds for cell in results.cells] == [(0, 1, 2)] * 2
    assert sorted(names_in(results.directory.runs_folder)) == sorted(world.finished)
    assert sorted(world.profiled) == ["spin-off", "spin-on"]
    assert all(cell.summary is not None for cell in results.cells)
    assert results.directory.page.exists()
    assert not list(results.directory.runs_folder.glob("*/perf.data"))
    assert [state_of(shard.path) for shard in shards] == before


def test_a_repeated_merge_changes_nothing(shards: list[StudyDirectory], tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    first = merge_studies(shards, reports, Remembering())
    before = state_of(reports)
    again = merge_studies(shards[::-1], reports, Remembering())
    assert (again.directory, again.record) == (first.directory, first.record)
    assert state_of(reports) == before


def test_shards_may_come_one_by_one(shards: list[StudyDirectory], tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    for number in range(1, OF + 1):
        results = merge_studies(shards[:number], reports, Remembering())
        assert sum(run.state is State.DONE for run in results.record.schedule) == 2 * number
    assert len(runs.list_studies(reports)) == 1
    assert results.complete


def test_a_whole_study_of_ones_own_is_left_alone(
    shards: list[StudyDirectory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_run, "run_name", lambda _: "of-another-time")
    reports = tmp_path / "reports"
    mine = study_record.create_study(reports, planned())
    go_on(mine)
    before = state_of(mine.path)
    merged = merge_studies(shards, reports, Remembering())
    assert merged.directory != mine
    assert state_of(mine.path) == before


@pytest.mark.parametrize("ends_at", range(1, 7))
def test_a_merge_that_is_killed_goes_on(
    shards: list[StudyDirectory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    reports, copied = tmp_path / "reports", []

    def copy(run: RunDirectory, path: Path) -> RunDirectory:
        copied.append(path.name)
        if len(copied) == ends_at:
            raise KilledError
        return copy_run(run, path)

    monkeypatch.setattr(merging, "copy_run", copy)
    with pytest.raises(KilledError):
        merge_studies(shards, reports, Remembering())
    results = merge_studies(shards, reports, Remembering())
    assert results.complete
    assert len(runs.list_studies(reports)) == 1
    assert len(copied) == len(planned().schedule) + 1, "each once, and the one that was cut off again"


def test_a_run_that_is_gone_is_named(shards: list[StudyDirectory], tmp_path: Path) -> None:
    (first, *_) = read_results(shards[0].path).record.mine
    shards[0].run(first).manifest.unlink()
    with pytest.raises(UsageError, match=f"there is no run in .*{first.run_id}"):
        merge_studies(shards, tmp_path / "reports", Remembering())
