"""Signals that ask us to end: the first asks to finish early, the second aborts."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from profiler.errors import InterruptedRunError
from profiler.raising import held, raise_from_handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any

GRACEFUL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl+C, an ordinary kill, a terminal that was closed."""


class Interrupts:
    """While entered, one of `GRACEFUL` sets `requested` once; the next raises `KeyboardInterrupt`.

    SIGQUIT raises it at once.

    One within another is of one mind with it: a study's run ends for what came just before it began.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: dict[int, Any] = {}
        self._outer: Interrupts | None = None

    def __enter__(self) -> Interrupts:
        outer = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
        if isinstance(outer, Interrupts):
            self._outer, self.requested = outer, outer.requested
        with held():
            for number in (*GRACEFUL, signal.SIGQUIT):
                if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                    continue  # nohup: the terminal may go, the recording stays
                self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with held():
            for number, handler in self._previous.items():
                signal.signal(number, handler)
        if self._outer is not None:
            self._outer.requested = self.requested

    def check(self) -> None:
        """Raise `InterruptedRunError` once an interrupt was requested: there is nothing to keep yet."""
        if self.requested:
            raise InterruptedRunError("stopped before anything was measured")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested or number == signal.SIGQUIT:
            raise_from_handler(frame)
        else:
            self.requested = True


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hold these signals back, also from programs started in the block: nothing is left half done."""
    with held():
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {*GRACEFUL, signal.SIGQUIT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
