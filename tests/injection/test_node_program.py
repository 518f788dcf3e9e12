"""Settings in a Node program with npm's onnxruntime-node (290 MB), which `make test-node` installs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.injection.hooks import Hooks, prepare
from profiler.injection.report import How
from profiler.injection.settings import InjectedSettings

from .conftest import PROGRAMS
from .started import SINGLE_THREAD, SPINNING, Ended, start

if TYPE_CHECKING:
    from profiler.injection.hook import Hook

PACKAGES = Path(__file__).parents[2] / "build" / "node"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (PACKAGES / "node_modules" / "onnxruntime-node").is_dir(),
        reason="no onnxruntime-node in build/node: make test-node",
    ),
]


@dataclass(frozen=True, slots=True)
class Program:
    """The Node program."""

    node: str
    model: Path
    hooks: Hooks

    def run(self, settings: InjectedSettings) -> Ended:
        """Run it to its successful end."""
        base = {"PACKAGES": str(PACKAGES), "MODEL": str(self.model)}
        ended = start([self.node, PROGRAMS / "session.mjs"], settings, self.hooks, base=base)
        assert ended.exit_code == 0, ended.stderr
        return ended


@pytest.fixture
def program(node: str, model: Path, tmp_path: Path, built: Hook) -> Program:
    return Program(node, model, Hooks(tmp_path / "reports", prepare(tmp_path / "reports").python, built))


def test_sessions_get_the_settings(program: Program) -> None:
    assert json.loads(program.run(InjectedSettings()).stdout)["threads"] == [4, 4]
    ended = program.run(SINGLE_THREAD)
    assert json.loads(ended.stdout)["threads"] == [0, 0]
    (pid,) = {event.pid for event in ended.report.hooked[1:]}
    sessions = [session for session in ended.report.sessions if session.pid == pid]
    assert [session.applied for session in sessions] == [{"intra_op_num_threads": "1"}] * 3
    assert [session.own["intra_op_num_threads"] for session in sessions] == ["1", "5", "5"]
    assert {session.how for session in sessions} == {How.C_API}


def test_a_pool_that_may_not_spin_costs_a_fraction_after_a_request(program: Program) -> None:
    idle = {
        spinning: min(
            json.loads(program.run(InjectedSettings(entries={SPINNING: spinning})).stdout)["idleMs"]
            for _ in range(3)
        )
        for spinning in ("1", "0")
    }
    assert idle["0"] < idle["1"] / 5, idle
