"""Signals that raise `KeyboardInterrupt`, as those that end the program do."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from profiler.raising import raise_from_handler, raise_what_is_dropped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

NUMBER = signal.SIGUSR1


@contextlib.contextmanager
def interrupting(number: signal.Signals = NUMBER) -> Iterator[None]:
    """Let a signal interrupt while the block runs; afterwards all is as before."""

    def interrupted(_number: int, frame: FrameType | None) -> None:
        raise_from_handler(frame)

    before = [(each, signal.getsignal(each)) for each in (number, signal.SIGALRM)]
    hook = sys.unraisablehook
    signal.signal(number, interrupted)
    raise_what_is_dropped()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = hook
        for each, handler in before:
            signal.signal(each, handler)


def interrupt() -> None:
    """Send the signal, from outside as others would."""
    os.kill(os.getpid(), NUMBER)


def wait_for_the_signal() -> None:
    """Return never in good time: what waits is interrupted."""
    signal.sigtimedwait([], 20)
