"""A log that grows while its program is profiled: what is written into it meanwhile, as requests."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from profiler import files
from profiler.closing import Closing
from profiler.errors import UsageError
from profiler.record.logs import formats
from profiler.record.logs.formats import Clocks, Logged
from profiler.run.request import Request, RequestSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.spec.log_format import LogFormat

LARGEST = 1 << 28
"""Bytes of what is written during a recording: some millions of lines."""


@dataclass(slots=True)
class RequestLog(Closing):
    """A log from where it ends now; in a `with` block or until `close`."""

    path: Path
    form: LogFormat
    file: BinaryIO

    @classmethod
    def open(cls, path: Path, form: LogFormat) -> RequestLog:
        """Open a log at its end; `UsageError` where it can't be read."""
        try:
            with contextlib.ExitStack() as failing:
                file = failing.enter_context(files.open_regular(path))
                file.seek(0, 2)
                failing.pop_all()
        except OSError as error:
            raise files.not_read(path, error) from error
        return cls(path, form, file)

    def read(self, phase: str, begin_ns: int, end_ns: int) -> list[Request]:
        """Return the requests that were written since, and lie in a phase (CLOCK_MONOTONIC), by their starts.

        `UsageError` names the first line that has none, where none has, and a log that grew too fast.
        """
        content = self.file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(f"{self.path} grew by more than {LARGEST >> 20} MB meanwhile")
        whole = content[: content.rfind(b"\n") + 1]
        clocks = Clocks(time.time_ns(), time.monotonic_ns())
        requests = [_request(logged, phase, clocks) for logged in self._logged(whole)]
        inside = [
            request for request in requests if begin_ns <= request.start_ns and request.end_ns <= end_ns
        ]
        return sorted(inside, key=lambda request: request.start_ns)

    def _logged(self, content: bytes) -> Iterator[Logged]:
        """Yield what lines say; others, as a server writes them among these, are left out unless all are."""
        wrong = ""
        seen = False
        for number, line in enumerate(content.splitlines(), 1):
            if not line.strip():
                continue
            try:
                logged = formats.read(self.form, line)
            except ValueError as error:
                wrong = wrong or f"line {number} of those: {error}"
                continue
            seen = True
            yield logged
        if wrong and not seen:
            raise UsageError(
                f"{self.path}: no line that was written meanwhile is one of {self.form.value}: {wrong}",
                hint=f"--requests-format {self.form.value}: {self.form.meaning}",
            )

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def _request(logged: Logged, phase: str, clocks: Clocks) -> Request:
    start_ns = max(0, clocks.monotonic(logged.start_ns))
    return Request(
        phase=phase,
        scheduled_ns=start_ns,
        start_ns=start_ns,
        end_ns=max(start_ns, clocks.monotonic(logged.end_ns)),
        cpu_ns=None,
        process=logged.process,
        caller=logged.caller,
        source=RequestSource.LOG,
    )
