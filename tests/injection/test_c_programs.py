"""Settings in programs that use the C interface: linked, opening the library, and through a plug-in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.injection.hooks import Hooks, prepare
from profiler.injection.report import How
from profiler.injection.settings import InjectedSettings
from profiler.spec.configuration import ExecutionMode

from .started import SINGLE_THREAD, SPIN_OFF, SPINNING, Ended, start

if TYPE_CHECKING:
    from profiler.injection.hook import Hook

pytestmark = pytest.mark.beside

AFFINITIES = "session.intra_op_thread_affinities"
UNTOUCHED = {"own": 4, "array": 3, "prepacked": 3, "array-prepacked": 3}
"""Threads that sessions of the program start: it sets counts of 5 and 4, the caller included."""


@dataclass(frozen=True, slots=True)
class Program:
    """One of the C programs, and what it needs."""

    command: tuple[str | Path, ...]
    environment: dict[str, str]
    hooks: Hooks

    def run(self, settings: InjectedSettings, *how: str, hooks: Hooks | None = None) -> Ended:
        """Have it make sessions; its exit code is a success."""
        ended = start([*self.command, *how], settings, hooks or self.hooks, base=self.environment)
        assert ended.exit_code == 0, ended.stdout + ended.stderr
        return ended


@pytest.fixture
def linked(programs: Path, runtime: Path, model: Path, tmp_path: Path, built: Hook) -> Program:
    hooks = Hooks(tmp_path / "reports", prepare(tmp_path / "reports").python, built)
    environment = {"LIBRARY": str(runtime / "libonnxruntime.so.1"), "MODEL": str(model)}
    return Program((programs / "linked",), environment, hooks)


@pytest.fixture(params=["linked", "opening", "plug_in"])
def program(request: pytest.FixtureRequest, linked: Program, programs: Path) -> Program:
    """Return each kind of program in turn."""
    plug_in = [programs / "plug_in.so"] if request.param == "plug_in" else []
    return replace(linked, command=(programs / request.param, *plug_in))


def threads(ended: Ended) -> dict[str, int]:
    return {how: int(count) for how, _, count in (line.partition(" ") for line in ended.stdout.splitlines())}


def test_each_way_to_a_session_gets_the_settings(program: Program) -> None:
    ended = program.run(SINGLE_THREAD, *UNTOUCHED, "default")
    assert threads(ended) == dict.fromkeys((*UNTOUCHED, "default"), 0)
    (hooked,) = ended.report.hooked
    assert hooked.how is How.C_API
    assert Path(hooked.library).samefile(program.environment["LIBRARY"])
    assert [session.applied for session in ended.report.sessions] == [{"intra_op_num_threads": "1"}] * 5
    counts = [session.own.get("intra_op_num_threads") for session in ended.report.sessions]
    assert counts == ["5", "4", "4", "4", None]
    assert not any(session.own_unread for session in ended.report.sessions)
    assert ended.report.failures == ()


def test_without_settings_the_program_has_its_own(program: Program) -> None:
    ended = program.run(InjectedSettings(), *UNTOUCHED)
    assert threads(ended) == UNTOUCHED
    assert [session.applied for session in ended.report.sessions] == [{}] * 4


def test_entries_rule_over_the_programs_and_its_counts_stay(linked: Program) -> None:
    settings = InjectedSettings(
        inter_op_threads=2, execution_mode=ExecutionMode.PARALLEL, entries={SPINNING: "0"}
    )
    ended = linked.run(settings, "own")
    (session,) = ended.report.sessions
    assert session.applied == {"inter_op_num_threads": "2", "execution_mode": "parallel", SPINNING: "0"}
    assert session.own == {SPINNING: "1"}
    assert threads(ended)["own"] > UNTOUCHED["own"]  # the inter-op pool's


def test_what_the_library_takes_no_session_with_is_refused_and_the_program_has_its_session(
    program: Program,
) -> None:
    ended = program.run(InjectedSettings(entries={AFFINITIES: "1;1;1;1;1;1;1"}), "own")
    assert threads(ended) == {"own": UNTOUCHED["own"]}
    (session,) = ended.report.sessions
    assert session.applied == {}
    assert "affinities" in session.refused[AFFINITIES]


def test_the_programs_own_error_stays_its_own(program: Program) -> None:
    ended = program.run(SPIN_OFF, "missing", "own")
    unhooked = replace(program.hooks, native=program.hooks.native.unavailable("left out"))
    assert ended.stdout == program.run(SPIN_OFF, "missing", "own", hooks=unhooked).stdout
    assert "/nowhere.onnx" in ended.stdout
    assert len(ended.report.sessions) == 1


def test_global_pools_get_counts_and_spinning(linked: Program) -> None:
    settings = InjectedSettings(threads=3, entries={SPINNING: "0", "session.dynamic_block_base": "4"})
    untouched = threads(linked.run(InjectedSettings(), "global"))["global"]
    ended = linked.run(settings, "global")
    assert threads(ended)["global"] == untouched - 3  # the program sets six
    pools = ended.report.pools[-1]
    assert pools.applied == {"intra_op_num_threads": "3", SPINNING: "0"}
    assert pools.refused == {"session.dynamic_block_base": "global pools have no such setting"}


@pytest.mark.parametrize("folder", ["gone", "file"])
def test_a_folder_that_can_not_be_written_costs_the_report_alone(
    folder: str, linked: Program, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    ended = linked.run(SINGLE_THREAD, "own", hooks=replace(linked.hooks, folder=tmp_path / folder))
    assert threads(ended) == {"own": 0}
    assert ended.report.sessions == ()
    assert not (tmp_path / "gone").exists()


@pytest.mark.e2e
def test_a_pool_that_may_not_spin_costs_a_fraction_after_a_request(program: Program) -> None:
    burnt = dict.fromkeys(("1", "0"), math.inf)
    for _ in range(3):
        for spinning, least in burnt.items():
            settings = InjectedSettings(threads=4, entries={SPINNING: spinning})
            burnt[spinning] = min(least, float(program.run(settings, "burn").stdout.split()[1]))
    assert burnt["0"] < burnt["1"] / 5, burnt
