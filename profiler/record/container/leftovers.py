"""Containers of ours: listed by their label, removed whatever happened."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record.interrupts import undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.record.container.engine import Engine

LABEL = "org.ortprof.owner"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
REMOVE_SECONDS = 20.0


def label() -> str:
    """Return the label of containers whose owners this process can tell the living from the dead of.

    An engine may serve several machines and pid namespaces, in which the same id is another process, and
    /proc may hide other users' processes.
    """
    namespace = Path("/proc/self/ns/pid").stat().st_ino
    return f"{LABEL}={BOOT_ID.read_text().strip()}.{namespace}.{os.getuid()}"


def names(engine: Engine) -> list[str]:
    """Return the names of containers with our label, running or not; `MachineError` as `tell`."""
    listed = engine.tell("ps", "--all", "--filter", f"label={label()}", "--format", "{{.Names}}")
    return listed.split()


def remove(engine: Engine, doomed: Callable[[str], bool]) -> None:
    """Remove the containers with our label whose name is `doomed`, running or not.

    Never raises and can't be interrupted. What can't be removed in time is left to the next run.
    """
    deadline = time.monotonic() + REMOVE_SECONDS
    with undisturbed(), contextlib.suppress(MachineError):
        while time.monotonic() < deadline:
            left = [name for name in names(engine) if doomed(name)]
            if not left:
                return
            # It fails on those that the engine is removing already, because they ended.
            with contextlib.suppress(MachineError):
                engine.tell("rm", "--force", *left)
            time.sleep(0.05)
