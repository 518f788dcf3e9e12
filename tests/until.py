"""Waiting for what another program does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE_SECONDS = 0.05


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Ask again and again; fail where it is not so within that time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
