"""trial.json of strangers: shown, listed and drawn, or refused with a line; nothing else comes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import ExitCode, UsageError
from profiler.pages.index.index_page import write_index
from profiler.pages.trial.trial_page import render_page
from profiler.run.directory import TRIAL_MANIFEST
from profiler.spec.catalogue import load
from profiler.study.trial.trial_record import read_trial
from tests.damage import DAMAGE, damage
from tests.reading.mutations import LEAVES, changed, paths
from tests.reading.test_damaged import run_command
from tests.reading.test_mutated import steadily
from tests.study.made_trials import three, trial

if TYPE_CHECKING:
    from pathlib import Path

NAME = "20260101T000000Z-service-trial"
DOCUMENT = msgspec.to_builtins(trial(*three("as-is", 10), *three("spin-off", 4)))
PLACES = [path for path in paths(DOCUMENT) if all(not isinstance(key, int) or key < 2 for key in path)]
COMMANDS = (["show", NAME], ["show", NAME, "--json"], ["runs"])


def put(reports: Path, document: Any) -> Path:
    folder = reports / NAME
    folder.mkdir(exist_ok=True)
    path = folder / TRIAL_MANIFEST
    path.write_text(json.dumps(document))
    return path


def read_all(reports: Path) -> None:
    """Do all that reads a trial; what can't be read is named."""
    write_index(reports)
    for command in COMMANDS:
        ended = run_command(command, reports)
        assert ended.code in {ExitCode.DONE, ExitCode.BAD_INPUT}, ended
        if ended.code == ExitCode.BAD_INPUT:
            assert TRIAL_MANIFEST in ended.said, ended


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_trial(kind: str, tmp_path: Path) -> None:
    damage(put(tmp_path, DOCUMENT), kind)
    read_all(tmp_path)


def test_a_trial_with_a_value_changed(tmp_path: Path) -> None:
    known = load().settings

    @steadily(max_examples=60)
    @given(st.sampled_from(PLACES), st.sampled_from((*LEAVES, 1e-300, 2**1023)))
    def holds(path: tuple[str | int, ...], value: Any) -> None:
        put(tmp_path, changed(DOCUMENT, path, value))
        read_all(tmp_path)
        try:
            read = read_trial(tmp_path / NAME)
        except UsageError:
            return
        assert render_page(read, known).encode().startswith(b"<!doctype html>")

    holds()


IMPOSSIBLE: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("asked", "rounds"), 2**53, "Expected `int` <= 1000"),
    (("asked", "configurations"), [], "Expected `array` of length >= 1"),
    (("asked", "configurations", 1, "name"), "as-is", "has one twice"),
    (("runs", 0, "label"), "another", "one that was not asked for"),
    (("runs", 0, "round"), 1, "a round of a configuration twice"),
    (("runs", 0, "round"), 3, "one that was not asked for"),
    (("runs", 0, "cpu_ms"), -1, "cpu_ms"),
    (("runs", 0, "cpu_percent"), 1e300, "cpu_percent"),
]


@pytest.mark.parametrize(("path", "value", "said"), IMPOSSIBLE)
def test_trials_that_can_not_be(path: tuple[str | int, ...], value: Any, said: str, tmp_path: Path) -> None:
    put(tmp_path, changed(DOCUMENT, path, value))
    with pytest.raises(UsageError, match=rf"trial\.json is not what ortprof writes: .*{said}"):
        read_trial(tmp_path / NAME)


def test_a_figure_next_to_nothing_has_an_interval(tmp_path: Path) -> None:
    put(tmp_path, changed(DOCUMENT, ("runs", 0, "cpu_ms"), 1e-300))
    assert run_command(["show", NAME], tmp_path).code == ExitCode.DONE
