"""What a worker keeps: models by content, runs until they are taken, one run at a time."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

import pytest

from profiler.errors import UsageError
from profiler.fleet.cluster.messages import ModelFile, TaskOutcome
from profiler.fleet.cluster.spool import KEPT_SECONDS, Spool

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"0123456789" * 10


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "fleet")
    made.tidy()
    return made


def test_a_model_is_there_when_all_of_it_is(spool: Spool) -> None:
    model = ModelFile(hashlib.sha256(CONTENT).hexdigest(), "m.onnx")
    spool.add(model, 0, CONTENT[:60], last=False)
    assert not spool.has(model)
    spool.add(model, 60, CONTENT[60:], last=True)
    assert spool.has(model)
    assert spool.model(model).read_bytes() == CONTENT
    assert [path.name for path in spool.model(model).parent.iterdir()] == ["m.onnx"]


def test_a_model_that_is_another_is_not_kept(spool: Spool) -> None:
    model = ModelFile(hashlib.sha256(b"other").hexdigest(), "m.onnx")
    with pytest.raises(UsageError, match=r"m.onnx arrived damaged"):
        spool.add(model, 0, CONTENT, last=True)
    assert list(spool.model(model).parent.iterdir()) == []


def test_a_run_is_kept_until_it_is_taken_or_old(spool: Spool) -> None:
    for key in ("old", "new", "taken"):
        spool.task_file(key).write_text("{}")
        spool.write_outcome(key, TaskOutcome(why="it failed"))
    spool.forget("taken")
    os.utime(spool.task_file("old"), (0, time.time() - KEPT_SECONDS - 1))
    spool.tidy()
    assert spool.keys == ["new"]
    assert sorted(path.name for path in spool.path.iterdir()) == [".machine", "new.outcome", "new.task"]


def test_the_machine_is_had_by_one(spool: Spool) -> None:
    (spool.path / ".run-dead").mkdir()
    with spool.machine():
        with pytest.raises(BlockingIOError), Spool(spool.path).machine(wait=False):
            pass
        spool.tidy()
        assert (spool.path / ".run-dead").exists(), "somebody may be measuring in it"
    spool.tidy()
    assert not (spool.path / ".run-dead").exists()


def test_what_arrived_is_checked_against_what_was_sent() -> None:
    TaskOutcome(pack=CONTENT, sha256=hashlib.sha256(CONTENT).hexdigest()).check()
    with pytest.raises(UsageError, match="damaged"):
        TaskOutcome(pack=CONTENT[1:], sha256=hashlib.sha256(CONTENT).hexdigest()).check()
