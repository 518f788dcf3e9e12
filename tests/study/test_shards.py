from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.study.plan import is_profiled, make_schedule
from profiler.study.shards import merge, only_shard, parse_shard
from profiler.study.study_record import ScheduledRun, Shard, State, StudyRecord
from tests.study.made import Made, make_results


def planned(cells: int, repeats: int) -> StudyRecord:
    record = make_results([Made(f"c{number}") for number in range(cells)], state=State.PLANNED).record
    return msgspec.structs.replace(record, schedule=make_schedule([repeats] * cells, seed=3))


def done(record: StudyRecord) -> StudyRecord:
    """The record once all of its own runs are done."""
    schedule = [
        run
        if run.state is State.ELSEWHERE
        else ScheduledRun(cell=run.cell, round=run.round, state=State.DONE, run_id=f"r-{position:03}")
        for position, run in enumerate(record.schedule)
    ]
    return msgspec.structs.replace(record, schedule=schedule)


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "1.0/3", "\u0661/3", "a/b"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"I/N, where I is 1 to N"):
        parse_shard(text)


def test_shards_are_numbered_from_one() -> None:
    assert [parse_shard(f"{number}/3") for number in (1, 3)] == [Shard(1, 3), Shard(3, 3)]


@given(cells=st.integers(1, 6), repeats=st.integers(1, 6), of=st.integers(1, 8))
def test_each_run_is_in_one_shard_and_merged_they_are_the_whole(cells: int, repeats: int, of: int) -> None:
    whole = planned(cells, repeats)
    if cells * repeats < of:
        with pytest.raises(UsageError, match="nothing is left for this shard"):
            only_shard(whole, Shard(of, of))
        return
    shards = [only_shard(whole, Shard(number, of)) for number in range(1, of + 1)]
    assert sum(len(shard.mine) for shard in shards) == len(whole.schedule)
    merged = merge([done(shard) for shard in shards])
    assert merged.record == done(whole)
    assert sorted(merged.sources) == list(range(len(whole.schedule)))
    backwards = merge([done(shard) for shard in reversed(shards)])
    assert backwards.record == merged.record


def test_a_shard_has_whole_rounds_where_there_are_enough() -> None:
    whole = planned(cells=4, repeats=3)
    for number in (1, 2, 3):
        assert {run.round for run in only_shard(whole, Shard(number, 3)).mine} == {number - 1}


def test_the_shard_with_a_cells_first_run_profiles_it() -> None:
    whole = planned(cells=2, repeats=4)
    first, second = (only_shard(whole, Shard(number, 2)) for number in (1, 2))
    assert [is_profiled(first, run) for run in first.mine[:2]] == [False, False]
    assert all(is_profiled(second, run) for run in second.mine)


def test_of_a_run_done_twice_one_counts_whatever_the_order() -> None:
    one = done(planned(2, 2))
    other = msgspec.structs.replace(
        one, schedule=[msgspec.structs.replace(run, run_id=f"a{run.run_id}") for run in one.schedule]
    )
    assert merge([one, other]).record == merge([other, one]).record == other


def test_what_nobody_did_is_planned_and_what_failed_stays_so() -> None:
    whole = planned(cells=2, repeats=2)
    shard = only_shard(whole, Shard(1, 2))
    failed = ScheduledRun(cell=shard.mine[0].cell, round=0, state=State.FAILED, why="no")
    shard = shard.replaced(shard.schedule.index(shard.mine[0]), failed)
    states = [run.state for run in merge([shard]).record.schedule]
    assert states == [State.FAILED, State.PLANNED, State.PLANNED, State.PLANNED]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ort_version": "1.20.0"}, "it ran ONNX Runtime 1.20.0, not 1.31.1"),
        ({"cells": []}, "a model or a configuration has changed"),
        ({"schedule": []}, "its schedule is another"),
    ],
)
def test_other_studies_are_refused(changes: dict[str, object], why: str) -> None:
    whole = planned(2, 2)
    with pytest.raises(UsageError, match=f"number 2 is not of the same study as the first: {why}"):
        merge([whole, msgspec.structs.replace(whole, **changes)])


def test_where_a_models_file_lies_makes_no_difference() -> None:
    whole = done(planned(1, 1))
    (cell,) = whole.cells
    moved = msgspec.structs.replace(cell.workload, model_path="/elsewhere/minilm.onnx")
    other = msgspec.structs.replace(whole, cells=[msgspec.structs.replace(cell, workload=moved)])
    assert merge([whole, other]).record == whole
