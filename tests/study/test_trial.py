"""What a trial's runs say: which configuration to choose, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from profiler import files
from profiler.errors import UsageError
from profiler.run.request import RequestSource
from profiler.spec.configuration import SessionConfiguration
from profiler.study.trial.trial_record import (
    FILE,
    Asked,
    Trial,
    TrialRun,
    find_unfinished,
    read_trial,
    write_trial,
)
from profiler.study.trial.verdict import judge

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("as-is", "spin-off", "single-thread")
ASKED = Asked(
    command=["service"],
    load=["client"],
    configurations=[SessionConfiguration(name=name) for name in NAMES],
    rounds=3,
    seconds=8.0,
    after=2.0,
    requests="",
)


def made(label: str, turn: int, cpu_ms: float | None, latency_ms: float = 5.0, **changes: object) -> TrialRun:
    noise = np.random.default_rng(turn + 1000 * len(label)).uniform(0.97, 1.03, 60)
    run = TrialRun(
        label=label,
        round=turn,
        run_id=f"{label}-{turn}",
        ort="1.30.0",
        seconds=8.0,
        cpu_percent=20.0,
        source=RequestSource.MARKS,
        cpu_ms=None if cpu_ms is None else cpu_ms * float(noise[0]),
        latency_ms=(latency_ms * noise).tolist(),
        given="",
    )
    return msgspec.structs.replace(run, **changes)


def trial(*runs: TrialRun) -> Trial:
    return Trial(trial_id="t-trial", created="2026-11-28T00:00:00Z", asked=ASKED, runs=list(runs))


def three(label: str, cpu_ms: float, latency_ms: float = 5.0, **changes: object) -> list[TrialRun]:
    return [made(label, turn, cpu_ms, latency_ms, **changes) for turn in range(3)]


def test_the_cheapest_of_those_that_are_no_slower_is_chosen() -> None:
    found = judge(trial(*three("as-is", 10), *three("spin-off", 4), *three("single-thread", 2, 9.0)))
    assert found.chosen is not None
    assert found.chosen.label == "spin-off"
    assert found.headline.startswith("Choose spin-off: 60 % less CPU time a request than as-is")


def test_a_target_allows_what_is_slower_but_meets_it() -> None:
    runs = [*three("as-is", 10), *three("spin-off", 4), *three("single-thread", 2, 9.0)]
    found = judge(trial(*runs), target_ms=12.0)
    assert found.chosen is not None
    assert found.chosen.label == "single-thread"
    assert judge(trial(*runs), target_ms=1.0).chosen is None


def test_what_is_no_cheaper_than_chance_is_left() -> None:
    found = judge(trial(*three("as-is", 10), *three("spin-off", 10), *three("single-thread", 10)))
    assert found.chosen is not None
    assert found.chosen.label == "as-is"
    assert found.headline.startswith("Keep as-is")


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
    (tmp_path / FILE).write_text(content)
    with pytest.raises(UsageError):
        read_trial(tmp_path)
    assert files.read_text(tmp_path / FILE) == content
