"""A real terminal of a chosen width, and what a program shows there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
"""What rich writes of its own: styles, and the cursor of progress."""


def on_terminal(columns: int, *arguments: str) -> tuple[int, str]:
    """Run `ortprof` on a terminal so wide; return its exit code and all that it wrote there, raw."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in {"COLUMNS", "LINES"}}
    child = subprocess.Popen(
        [sys.executable, "-m", "profiler.cli", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm", "NO_COLOR": "1"},
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other side is closed
        while read := os.read(ours, 1 << 16):
            shown += read
    os.close(ours)
    return child.wait(), shown.decode("utf-8", "surrogateescape")


def lines(shown: str) -> list[str]:
    """Return the lines that stay on the screen, without what progress wrote over itself."""
    text = ESCAPES.sub("", shown.replace("\r\n", "\n"))
    return [line.rpartition("\r")[2] for line in text.split("\n")]
