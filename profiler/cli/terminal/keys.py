"""Keys as they are pressed, without waiting for a line; the terminal is as before afterwards."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import tty
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def keys() -> Iterator[Callable[[float], str]]:
    """Give a function that waits so many seconds for a key, and returns it; empty where none was pressed.

    Ctrl+C stays a signal. Where standard input ends, there are no more keys.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    ended = False

    def wait(seconds: float) -> str:
        nonlocal ended
        if not select.select([] if ended else [descriptor], [], [], seconds)[0]:
            return ""
        pressed = os.read(descriptor, 1)
        ended = not pressed
        return pressed.decode(errors="replace")

    try:
        tty.setcbreak(descriptor)
        yield wait
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
