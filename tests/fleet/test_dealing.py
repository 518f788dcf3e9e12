"""Which run a worker does next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from profiler.fleet.dealing import next_run
from profiler.study.study_record import ScheduledRun, State
from tests.execute.worlds import planned

if TYPE_CHECKING:
    from profiler.study.study_record import StudyRecord


def record(*states: State) -> StudyRecord:
    """Three rounds of two cells, in these states."""
    study = planned()
    runs = [
        msgspec.structs.replace(run, state=state, run_id="" if state is State.PLANNED else "r")
        for run, state in zip(study.schedule, states, strict=False)
    ]
    return msgspec.structs.replace(study, schedule=[*runs, *study.schedule[len(runs) :]])


def test_a_round_stays_on_one_machine() -> None:
    study = planned()
    assert next_run(study, "a", under_way=(), held={}, rounds={}) == 0
    assert next_run(study, "b", under_way=(0,), held={}, rounds={0: "a"}) == 2
    assert next_run(study, "a", under_way=(2,), held={}, rounds={0: "a", 1: "b"}) == 0
    assert next_run(study, "c", under_way=(0, 2, 4), held={}, rounds={0: "a", 1: "b", 2: "d"}) is None


def test_what_a_machine_has_done_is_left_to_it() -> None:
    study = record(State.RUNNING)
    assert next_run(study, "a", under_way=(), held={0: "b"}, rounds={}) == 1
    assert next_run(study, "b", under_way=(), held={0: "b"}, rounds={0: "a"}) == 0


def test_what_was_cut_off_is_done_again_and_what_is_done_is_not() -> None:
    study = record(State.DONE, State.RUNNING, State.FAILED)
    assert next_run(study, "a", under_way=(), held={}, rounds={}) == 1
    assert next_run(study, "a", under_way=(1,), held={}, rounds={0: "a"}) == 3


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(0, 30))
def test_each_run_is_dealt_once_whoever_asks(asking: list[str], goes: int) -> None:
    """Workers ask in any order; at some point one goes for good, and the others take its rounds."""
    study, rounds, dealt = planned(), dict[int, str](), list[int]()
    there = {"a", "b", "c"}
    for turn, address in enumerate([*asking, *"abcbcbcbcbcbcbcb" * 2]):
        if turn == goes:
            there.discard("a")
            rounds = {number: owner for number, owner in rounds.items() if owner in there}
        if address not in there:
            continue
        position = next_run(study, address, under_way=(), held={}, rounds=rounds)
        if position is not None:
            run = study.schedule[position]
            assert rounds.setdefault(run.round, address) == address
            dealt.append(position)
            study = study.replaced(
                position, ScheduledRun(cell=run.cell, round=run.round, state=State.DONE, run_id="r")
            )
    assert sorted(dealt) == list(range(len(planned().schedule))) if goes < len(asking) + 32 else True
