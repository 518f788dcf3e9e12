"""What is shown on a terminal ends with its block, whenever a signal comes."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, cast

import pytest

from profiler.cli.terminal.console import shown
from tests.interrupting import interrupt, interrupting, wait_for_the_signal

if TYPE_CHECKING:
    from rich.live import Live


class Display:
    """A display that is interrupted as it begins or ends."""

    def __init__(self, interrupted: str) -> None:
        self.interrupted = interrupted
        self.done: list[str] = []

    def start(self) -> None:
        self._do("start")

    def stop(self) -> None:
        self._do("stop")

    def _do(self, what: str) -> None:
        if what == self.interrupted:
            interrupt()
            signal.sigtimedwait([], 0.05)
        self.done.append(what)


@pytest.mark.parametrize("interrupted", ["start", "stop"])
def test_a_signal_leaves_no_display_behind(interrupted: str) -> None:
    display = Display(interrupted)

    def show() -> None:
        with shown(cast("Live", display)):
            if interrupted == "start":
                wait_for_the_signal()
        wait_for_the_signal()

    with interrupting(), pytest.raises(KeyboardInterrupt):
        show()
    assert display.done == ["start", "stop"]
