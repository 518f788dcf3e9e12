"""`KeyboardInterrupt` from signal handlers, raised where it arrives.

It is not everywhere. What Python calls beside the program (`__del__`, a weak reference's callback) can't
pass one on, and drops it; code around an import takes it for a failure of that import (`except Exception`);
and C++ modules that are being imported abort the process on one, for they are initialised where nothing may
be thrown. Most of the first second is imports.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

AGAIN_SECONDS = 0.01
_IMPORT = "<frozen importlib._bootstrap"
"""How the names of the files begin that importing is written in."""


class _Blocks:
    """How many blocks the program is in that nothing is raised in."""

    held = 0


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let a block run to its end, and raise behind it what is to be raised: nothing is left half done.

    A mask of signals does not do that: numpy's threads have none, and whichever thread a signal comes to,
    Python runs its handler in the main thread. In others there is nothing to hold.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _Blocks.held += 1
    try:
        yield
    finally:
        _Blocks.held -= 1


def raise_from_handler(frame: FrameType | None) -> None:
    """Raise `KeyboardInterrupt` from a signal's handler; of an import or a `held` block, once that is done.

    No other error: code that goes on where something failed does not go on where somebody wants an end.
    """
    if _Blocks.held or _is_importing(frame):
        _raise_later()
        return
    raise KeyboardInterrupt


def raise_what_is_dropped() -> None:
    """From here on, raise interrupts once more that Python could not pass on."""
    report = sys.unraisablehook

    def hook(dropped: sys.UnraisableHookArgs, /) -> None:
        if isinstance(dropped.exc_value, KeyboardInterrupt):
            _raise_later()
        else:
            report(dropped)

    sys.unraisablehook = hook


def raise_what_is_due() -> None:
    """Raise now what is to be raised later: what comes next must not be left half done."""
    while signal.getitimer(signal.ITIMER_REAL)[0] > 0:
        time.sleep(AGAIN_SECONDS)


def raise_nothing_more(numbers: Iterable[int]) -> None:
    """Let these signals end us at once, as any program: all is done, and nobody would catch an error."""
    with held():
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORT):
            return True
        frame = frame.f_back
    return False


def _raise_later() -> None:
    """Raise it from the timer's signal. The program has no other use for that."""
    signal.signal(signal.SIGALRM, lambda _number, frame: raise_from_handler(frame))
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
