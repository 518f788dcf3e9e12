"""Exceptions from signal handlers, raised where they arrive.

Not everywhere they do. What Python calls beside the program (`__del__`, a weak reference's callback) can't
pass one on, and drops it; code around an import takes it for a failure of that import (`except Exception`);
and C++ modules that are being imported abort the process on one, for they are initialised where nothing may
be thrown. Most of the first second is imports.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from profiler.errors import InterruptedRunError

if TYPE_CHECKING:
    from types import FrameType

AGAIN_SECONDS = 0.01
_IMPORT = "<frozen importlib._bootstrap"
"""How the names of the files begin that importing is written in."""


def raise_from_handler(error: BaseException, frame: FrameType | None) -> None:
    """Raise an error of a signal's handler; while something is imported, as soon as that is done."""
    if _is_importing(frame):
        _raise_later(error)
        return
    raise error


def raise_what_is_dropped() -> None:
    """From here on, raise interrupts once more that Python could not pass on."""
    report = sys.unraisablehook

    def hook(dropped: sys.UnraisableHookArgs, /) -> None:
        if isinstance(dropped.exc_value, (InterruptedRunError, KeyboardInterrupt)):
            _raise_later(dropped.exc_value)
        else:
            report(dropped)

    sys.unraisablehook = hook


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORT):
            return True
        frame = frame.f_back
    return False


def _raise_later(error: BaseException) -> None:
    """Raise it from the timer's signal. The program has no other use for that."""
    signal.signal(signal.SIGALRM, lambda _number, frame: raise_from_handler(error, frame))
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
