"""JSON lines between the workload and its parent, and waiting that a command can cut short."""

from __future__ import annotations

import json
import os
import select
import threading
from typing import Any, Dict, Optional

from .flag import Flag, seconds_until


class ParentGoneError(Exception):
    """Standard input ended: the parent exited or died."""


class Channel:
    """Commands in, events out. Takes standard output for itself: what libraries print goes to stderr."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._pending = b""
        self._sending = threading.Lock()

    def send(self, **event: Any) -> None:
        """Write one event, whole; any thread may."""
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        with self._sending:
            try:
                while line:
                    line = line[os.write(self._out, line) :]
            except BrokenPipeError:
                raise ParentGoneError from None

    def receive(
        self, deadline_ns: Optional[int] = None, flag: Optional[Flag] = None
    ) -> Optional[Dict[str, Any]]:
        """Return the next command, or None at `deadline_ns` (CLOCK_MONOTONIC; None waits for ever).

        None too once `flag` is up. Only one thread may.
        """
        awaited = [0] if flag is None else [0, flag.fileno()]
        while b"\n" not in self._pending:
            timeout = None if deadline_ns is None else seconds_until(deadline_ns)
            if 0 not in select.select(awaited, [], [], timeout)[0]:
                return None
            read = os.read(0, 65536)
            if not read:
                raise ParentGoneError
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        command: Dict[str, Any] = json.loads(line)
        return command
