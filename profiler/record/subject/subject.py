"""What is profiled, as whoever measures it sees it: a workload of ours, or processes that run already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from profiler.record.limit.confinement import Throttled
    from profiler.record.operators_phase import OperatorSession
    from profiler.run.directory import RunDirectory
    from profiler.run.doubt import Doubt
    from profiler.run.manifest import Phase
    from profiler.run.phase_counters import Snapshot
    from profiler.run.processes import Process
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class Watching:
    """What is called while a phase goes on."""

    on_wait: Callable[[], None]
    """Often; may raise to give up."""
    on_requests: Callable[[Sequence[Request]], None]
    """With requests that ended, as they become known."""
    stop_requested: Callable[[], bool]
    """Whether the phase shall end early."""


class Subject(Protocol):
    """What is profiled. Any of its methods may raise `ProcessLookupError` when a process of it is gone."""

    @property
    def processes(self) -> Sequence[Process]:
        """Its processes, with the threads that call Run and the pools that serve them."""

    def living(self) -> list[int]:
        """Return the processes that a recording begins with, as they are now."""

    @property
    def phases(self) -> Sequence[tuple[str, float]]:
        """The phases that it can run, in order, each with its seconds; one of 0 s is left out."""

    @property
    def log(self) -> Path | None:
        """What its processes wrote on standard error; None where that is somebody else's to read."""

    @property
    def files_root(self) -> Path:
        """The folder below which the files that its processes run code from are to be read meanwhile."""

    def snapshot(self) -> Snapshot:
        """Read the counters of its processes, and of each of their threads."""

    def pass_phase(
        self, name: str, seconds: float, watching: Watching, *, most_requests: int | None = None
    ) -> Phase:
        """Let a phase go by, to its end, to a stop, or to so many requests."""

    def sampling_limit(self) -> AbstractContextManager[Throttled]:
        """Watch its CPU limit while a block runs."""

    def keep_files(self, folder: Path) -> list[Doubt]:
        """Copy what a recording is read with and goes with the subject; return what could not be."""

    def open_operators(self, run: RunDirectory) -> OperatorSession:
        """Go on in a session with ONNX Runtime's own profiler on; only where `phases` has `operators`."""
