from __future__ import annotations

from pathlib import Path

import pytest

from profiler.errors import UsageError
from profiler.injection.environment import environment
from profiler.injection.hook import Hook
from profiler.injection.hooks import Hooks
from profiler.injection.settings import InjectedSettings
from profiler.spec.configuration import ExecutionMode, SessionConfiguration

HOOKS = Hooks(Path("/run/reports"), Hook("/run/reports/python"), Hook("/cache/$LIB/hook.so"))


def test_settings_and_hooks_are_in_it() -> None:
    settings = InjectedSettings(1, 2, ExecutionMode.PARALLEL, {"session.a": "0", "session.b": "1;2 3"})
    assert environment(settings, HOOKS, {"HOME": "/home/me"}) == {
        "HOME": "/home/me",
        "ORTPROF_INJECTION_FOLDER": "/run/reports",
        "ORTPROF_INJECTION_THREADS": "1",
        "ORTPROF_INJECTION_INTER_OP_THREADS": "2",
        "ORTPROF_INJECTION_EXECUTION_MODE": "parallel",
        "ORTPROF_INJECTION_ENTRY_0": "session.a 0",
        "ORTPROF_INJECTION_ENTRY_1": "session.b 1;2 3",
        "PYTHONPATH": "/run/reports/python",
        "LD_PRELOAD": "/cache/$LIB/hook.so",
    }


def test_what_was_there_comes_after_ours_and_an_earlier_runs_settings_go() -> None:
    base = {"PYTHONPATH": "/mine:/other", "LD_PRELOAD": "libjemalloc.so", "ORTPROF_INJECTION_THREADS": "4"}
    child = environment(InjectedSettings(), HOOKS, base)
    assert child["PYTHONPATH"] == "/run/reports/python:/mine:/other"
    assert child["LD_PRELOAD"] == "/cache/$LIB/hook.so:libjemalloc.so"
    assert "ORTPROF_INJECTION_THREADS" not in child
    assert base["PYTHONPATH"] == "/mine:/other"


def test_an_empty_path_does_not_become_the_working_directory() -> None:
    child = environment(InjectedSettings(), HOOKS, {"PYTHONPATH": "", "LD_PRELOAD": ""})
    assert (child["PYTHONPATH"], child["LD_PRELOAD"]) == ("/run/reports/python", "/cache/$LIB/hook.so")


def test_a_hook_that_is_not_there_leaves_its_variable_alone() -> None:
    hooks = Hooks(HOOKS.folder, HOOKS.python, Hook.unavailable("no compiler"))
    assert "LD_PRELOAD" not in environment(InjectedSettings(), hooks, {})
    assert environment(InjectedSettings(), hooks, {"LD_PRELOAD": "mine.so"})["LD_PRELOAD"] == "mine.so"


def test_what_a_configuration_leaves_to_onnxruntime_stays_the_programs() -> None:
    spin_off = SessionConfiguration(name="spin-off", entries={"session.intra_op.allow_spinning": "0"})
    assert InjectedSettings.of(spin_off) == InjectedSettings(entries={"session.intra_op.allow_spinning": "0"})
    single = SessionConfiguration(name="single", threads=1, execution_mode=ExecutionMode.PARALLEL)
    assert InjectedSettings.of(single) == InjectedSettings(threads=1, execution_mode=ExecutionMode.PARALLEL)


@pytest.mark.parametrize(
    "entries",
    [
        {"": "1"},
        {"a b": "1"},
        {"k" * 1025: "1"},
        {"k": "v" * 2049},
        {"k": "a\0b"},
        {str(n): "" for n in range(65)},
    ],
)
def test_entries_that_onnxruntime_or_an_environment_can_not_hold_are_refused(entries: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="session entr"):
        environment(InjectedSettings(entries=entries), HOOKS, {})
