"""The workload's processes: one, or several workers of one service, as gunicorn starts them."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from profiler import process
from profiler.raising import held
from profiler.record.subject.phase_run import run_phase
from profiler.record.subject.workload_process import WorkloadProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from profiler.record.subject.events import Hello, Ready, ServedRow
    from profiler.record.subject.start import Start
    from profiler.run.manifest import Phase

HEAD_START_NS = 20_000_000
"""From the command until a phase begins where several processes must have read it."""
NUMBER_BYTES = 8
"""Of a queue in the file that they share."""


class Workers:
    """Started processes; they and whatever they started end with the `with` block, whatever happens in it.

    A `ProcessLookupError` in the block means that one was gone, and becomes the error that says how it ended.
    """

    def __init__(self, start: Start, log: Path, count: int = 1) -> None:
        self.all: list[WorkloadProcess] = []
        self._queues = log.with_name("requests.queues")
        try:
            for _ in range(count):
                self.all.append(WorkloadProcess(start, log))
        except BaseException:
            self._end(0.2)
            raise

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ended = self._first_that_ended().death() if isinstance(error, ProcessLookupError) else None
        self._end(process.TERMINATE_SECONDS if error is None else 0.2)
        if ended is not None:
            raise ended from None

    def hello(self, on_wait: Callable[[], None]) -> list[Hello]:
        """Wait until all have imported ONNX Runtime; return what each says of itself."""
        return [workload.hello(on_wait) for workload in self.all]

    def open(self, command: dict[str, Any], on_wait: Callable[[], None]) -> list[Ready]:
        """Have all create their sessions, side by side; return the `ready` event of each."""
        for workload in self.all:
            workload.begin_open(command)
        return [workload.opened(on_wait) for workload in self.all]

    def run(
        self,
        phase: str,
        command: dict[str, Any],
        *,
        on_wait: Callable[[], None],
        on_rows: Callable[[int, Sequence[ServedRow]], None],
        stop_requested: Callable[[], bool],
    ) -> Phase:
        """Run a phase in all, which take their requests from the same queues; as `run_phase`."""
        with self._shared(len(command["loads"])) as shared:
            return run_phase(
                self.all,
                phase,
                {**command, **shared},
                on_wait=on_wait,
                on_rows=on_rows,
                stop_requested=stop_requested,
            )

    @contextlib.contextmanager
    def _shared(self, queues: int) -> Iterator[dict[str, Any]]:
        """Give what processes must know to serve the same queues; nothing where there is but one."""
        if len(self.all) == 1:
            yield {}
            return
        self._queues.write_bytes(bytes(NUMBER_BYTES * queues))
        try:
            yield {"start_ns": time.monotonic_ns() + HEAD_START_NS, "queues": str(self._queues.absolute())}
        finally:
            self._queues.unlink(missing_ok=True)

    def _first_that_ended(self) -> WorkloadProcess:
        """Return which is gone; the first where none is, whose `death` says so."""
        deadline = time.monotonic() + process.TERMINATE_SECONDS
        while time.monotonic() < deadline:
            for workload in self.all:
                if workload.has_ended:
                    return workload
            time.sleep(process.POLL_SECONDS)
        return self.all[0]

    def _end(self, seconds: float) -> None:
        with held():
            for workload in self.all:
                workload.begin_end()
            for workload in self.all:
                workload.end(seconds)
