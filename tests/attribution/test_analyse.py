"""What was decoded is kept when ours is assembled, whatever becomes of that."""

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
    def keep() -> Decoding:
        steps.append("keep")
        return CHECKED

    return dataclasses.replace(loaded(REAL["spin-on"]), keep=keep)


def noting(steps: list[str], error: BaseException | None = None) -> Callable[..., Analysis]:
    def noted(made: Loaded, say: Callable[[str], None]) -> Analysis:
        steps.append("assemble")
        if error is not None:
            raise error
        return assemble(made, say)

    return noted


def test_perfs_own_figures_are_waited_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.setattr(module, "assemble", noting(steps))
    analysis = analysed(decoded_now(steps), quiet)
    assert steps == ["assemble", "keep"]
    assert analysis.decoding == CHECKED
    assert analysis.summary.cross_check == CHECKED.cross_check


@pytest.mark.parametrize(
    ("error", "expected"),
    [(UsageError("no such thing"), ["assemble", "keep"]), (KeyboardInterrupt(), ["assemble"])],
)
def test_what_fails_need_not_be_decoded_again_and_who_interrupts_does_not_wait(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, expected: list[str]
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(module, "assemble", noting(steps, error))
    with pytest.raises(type(error)):
        analysed(decoded_now(steps), quiet)
    assert steps == expected
