"""A perf that says what it may record when a test lets it: what happens before comes before the recording."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ASKS = "*' -c 1 '*"
"""Of its command lines, those that try whether it may (`capabilities.event_records`)."""


class Gate:
    """Stands before the real perf; where nobody asks what it may, as without permission, nobody waits."""

    def __init__(self, folder: Path) -> None:
        perf = shutil.which("perf")
        assert perf is not None
        folder.mkdir()
        self._open = folder / "open"
        waits = f"until test -e {shlex.quote(str(self._open))}; do sleep 0.05; done"
        script = folder / "perf"
        script.write_text(
            f'#!/bin/sh\ncase " $* " in {ASKS}) {waits};; esac\nexec {shlex.quote(perf)} "$@"\n'
        )
        script.chmod(0o755)
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        """For a program's environment."""

    def open(self) -> None:
        """Let perf answer."""
        self._open.touch()
