"""Signals of one who stands before a command: they end its profile first, and then are the command's."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

from profiler.raising import raise_from_handler
from profiler.record.interrupts import GRACEFUL, Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PASSED_AT_ONCE = (signal.SIGUSR1, signal.SIGUSR2)
"""What a program gives a meaning of its own: reopen the logs, start another worker."""
FROM_TERMINALS = (signal.SIGINT, signal.SIGQUIT)
"""What keys send to the whole group in the foreground (termios(3)), so to the command too."""


class PassedSignals(Interrupts):
    """While entered, a first signal ends the profile and a second gives up the report; both are passed on.

    It is entered before the command is started, lest a signal leave it behind in between, and knows how to
    reach it from `reach` on. The first signal is held until `pass_on`. What the terminal sends, the command
    has already. Signals that were ignored stay so, for it and for us.
    """

    def __init__(self, *, endless: bool) -> None:
        super().__init__()
        self.asked = False
        """Whether somebody wants an end."""
        self.working = False
        """Whether there is something that a second signal would give up."""
        self._send: Callable[[int], None] | None = None
        self._endless = endless
        self._held: list[int] | None = []

    def __enter__(self) -> PassedSignals:
        for number in (*GRACEFUL, signal.SIGQUIT, *PASSED_AT_ONCE):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def reach(self, send: Callable[[int], None]) -> None:
        """Pass on to a command that has been started; its profile begins."""
        self._send, self.working = send, True

    def pass_on(self) -> None:
        """Let the command have what was held, and from here on everything at once."""
        held, self._held = self._held, None
        for number in held or ():
            self._pass(number)

    def _pass(self, number: int) -> None:
        if self._send is not None:
            self._send(number)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if number in PASSED_AT_ONCE:
            self._pass(number)
            return
        has_it = number in FROM_TERMINALS and self._send is not None and in_foreground()
        if not has_it:
            if self._held is None:
                self._pass(number)
            else:
                self._held.append(number)
        again, self.asked = self.asked, True
        # A profile without an end of its own is whole whenever somebody ends it.
        self.requested = self.requested or not self._endless
        if self.working and (again or number == signal.SIGQUIT):
            raise_from_handler(frame)


def in_foreground() -> bool:
    """Whether the keys of our terminal are for our process group; without a terminal they are not."""
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False
