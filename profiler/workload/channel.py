"""JSON lines between the workload and its parent, and waiting that a command can cut short."""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any, Dict, Optional


class ParentGoneError(Exception):
    """Standard input ended: the parent exited or died."""


class Channel:
    """Commands in, events out. Takes standard output for itself: what libraries print goes to stderr."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._pending = b""

    def send(self, **event: Any) -> None:
        """Write one event, whole."""
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._out, line) :]
        except BrokenPipeError:
            raise ParentGoneError from None

    def receive(self, deadline_ns: Optional[int] = None) -> Optional[Dict[str, Any]]:
        """Return the next command, or None at `deadline_ns` (CLOCK_MONOTONIC; None waits for ever)."""
        while b"\n" not in self._pending:
            timeout = None
            if deadline_ns is not None:
                timeout = max(0.0, (deadline_ns - time.monotonic_ns()) / 1e9)
            if not select.select([0], [], [], timeout)[0]:
                return None
            read = os.read(0, 65536)
            if not read:
                raise ParentGoneError
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        command: Dict[str, Any] = json.loads(line)
        return command
