"""perf's own figures are waited for when ours are assembled."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from profiler.attribution import analyse as module
from profiler.attribution.analyse import analysed
from profiler.attribution.assemble import assemble, quiet
from profiler.errors import UsageError
from profiler.run.decoding import CrossCheck, Decoding
from tests.run.conftest import REAL
from tests.run.loaded import loaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.analysis import Analysis
    from profiler.attribution.loading.loaded import Loaded

CHECKED = Decoding({"perf script": ["perf", "script"]}, cross_check=CrossCheck(7, 0.25, "f", "lib.so"))


def decoded_now(steps: list[str]) -> Loaded:
    def check() -> Decoding:
        steps.append("check")
        return CHECKED

    return dataclasses.replace(loaded(REAL["spin-on"]), check=check)


def noting(steps: list[str]) -> Callable[[Loaded, Callable[[str], None]], Analysis]:
    def noted(made: Loaded, say: Callable[[str], None]) -> Analysis:
        steps.append("assemble")
        return assemble(made, say)

    return noted


def test_perfs_own_figures_are_waited_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.setattr(module, "assemble", noting(steps))
    analysis = analysed(decoded_now(steps), quiet)
    assert steps == ["assemble", "check"]
    assert analysis.decoding == CHECKED
    assert analysis.summary.cross_check == CHECKED.cross_check


def test_they_are_not_waited_for_where_ours_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Loaded, __: Callable[[str], None]) -> Analysis:
        raise UsageError("no such thing")

    steps: list[str] = []
    monkeypatch.setattr(module, "assemble", failing)
    with pytest.raises(UsageError, match="no such thing"):
        analysed(decoded_now(steps), quiet)
    assert not steps
