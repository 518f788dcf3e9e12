"""What a trial's runs say: which configuration to choose, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler import files
from profiler.errors import UsageError
from profiler.run.directory import TRIAL_MANIFEST
from profiler.study.trial.trial_record import (
    find_unfinished,
    read_trial,
    write_trial,
)
from profiler.study.trial.verdict import judge
from tests.study.made_trials import ASKED, NAMES, made, three, trial

if TYPE_CHECKING:
    from pathlib import Path


def test_the_cheapest_of_those_that_are_no_slower_is_chosen() -> None:
    found = judge(trial(*three("as-is", 10), *three("spin-off", 4), *three("single-thread", 2, 9.0)))
    assert found.chosen is not None
    assert found.chosen.label == "spin-off"
    assert found.headline.startswith("Choose spin-off: 60 % less CPU time a request than as-is")


def test_a_target_allows_what_is_slower_but_meets_it() -> None:
    runs = [*three("as-is", 10), *three("spin-off", 4), *three("single-thread", 2, 9.0)]
    found = judge(msgspec.structs.replace(trial(*runs), target_ms=12.0))
    assert found.chosen is not None
    assert found.chosen.label == "single-thread"
    assert judge(msgspec.structs.replace(trial(*runs), target_ms=1.0)).chosen is None


def test_what_is_no_cheaper_than_chance_is_left() -> None:
    found = judge(trial(*three("as-is", 10), *three("spin-off", 10), *three("single-thread", 10)))
    assert found.chosen is not None
    assert found.chosen.label == "as-is"
    assert found.headline.startswith("Keep as-is")


def test_what_chance_hides_is_named() -> None:
    first = [made("as-is", 0, 69.1), made("as-is", 1, 104.0)]
    second = [made("spin-off", 0, 13.1), made("spin-off", 1, 13.1)]
    found = judge(trial(*first, *second))
    assert found.chosen is not None
    assert found.chosen.label == "as-is"
    assert found.headline.startswith("Keep as-is for now: spin-off took 8")
    assert "2 rounds can't tell that from chance" in found.headline


def test_void_runs_are_shown_and_never_chosen() -> None:
    void = made("spin-off", 0, 1, void=True, doubts=["ONNX Runtime 1.20.1 ignores x"])
    found = judge(trial(*three("as-is", 10), void, *three("single-thread", 4)))
    assert found.chosen is not None
    assert found.chosen.label == "single-thread"
    assert "spin-off: ONNX Runtime 1.20.1 ignores x." in found.sentences


def test_one_round_and_unknown_requests_choose_nothing_else() -> None:
    one = judge(trial(made("as-is", 0, 10), made("spin-off", 0, 1)))
    assert one.headline.startswith("Keep as-is")
    assert any("One round has no intervals" in said for said in one.sentences)
    unknown = judge(trial(*(made(name, 0, None, source=None, latency_ms=1.0) for name in NAMES)))
    assert any("Requests are not known" in said for said in unknown.sentences)


def test_rounds_begin_with_another_configuration_each() -> None:
    run = trial()
    order = []
    while (place := run.next_place()) is not None:
        turn, configuration = place
        order.append(configuration.name)
        run = msgspec.structs.replace(run, runs=[*run.runs, made(configuration.name, turn, 1)])
    assert order == [*NAMES, NAMES[1], NAMES[2], NAMES[0], NAMES[2], NAMES[0], NAMES[1]]
    assert run.left() == 0


def test_what_is_void_is_not_tried_again() -> None:
    run = trial(made("as-is", 0, 1), made("spin-off", 0, 1, void=True), made("single-thread", 0, 1))
    assert run.left() == 4
    place = run.next_place()
    assert place is not None
    assert place[1].name == "single-thread"


def test_an_unfinished_trial_of_the_same_things_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "20261128T000000Z-service-trial"
    folder.mkdir()
    write_trial(folder, trial(made("as-is", 0, 1)))
    assert find_unfinished(tmp_path, ASKED) == folder
    assert read_trial(folder).runs[0].label == "as-is"
    assert find_unfinished(tmp_path, msgspec.structs.replace(ASKED, rounds=4)) is None
    write_trial(folder, trial(*(run for name in NAMES for run in three(name, 1))))
    assert find_unfinished(tmp_path, ASKED) is None


@pytest.mark.parametrize("content", ["[]", '{"schema": "other"}', '{"schema": "ortprof.trial/1"}'])
def test_a_file_that_is_no_trial(content: str, tmp_path: Path) -> None:
    (tmp_path / TRIAL_MANIFEST).write_text(content)
    with pytest.raises(UsageError):
        read_trial(tmp_path)
    assert files.read_text(tmp_path / TRIAL_MANIFEST) == content
