"""Where a workload runs: on this machine, beside ortprof, or in a container."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psutil

from profiler.errors import MachineError
from profiler.record.container.contained import contain
from profiler.record.limit.confinement import Confinement, confine
from profiler.record.subject.start import Start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.run.doubt import Doubt
    from profiler.spec.container import Container, ContainerSpec
    from profiler.spec.limit import Limit


class Place(Protocol):
    """A workload's place, as the program that measures it from outside must know it."""

    @property
    def start(self) -> Start:
        """How to start it there."""

    @property
    def model(self) -> str:
        """The model's path there."""

    @property
    def confinement(self) -> Confinement:
        """Its CPU limit."""

    @property
    def container(self) -> Container | None:
        """What a report says of it; None on this machine."""

    def find(self, started: int, inner: int, /) -> int:
        """Return its process id here: `started` is the started program's, `inner` what it says of itself.

        `MachineError` when it can't be told.
        """

    def root(self, pid: int, /) -> Path:
        """Return the folder that it sees as `/`."""

    def keep_files(self, pid: int, folder: Path, /) -> list[Doubt]:
        """Copy what a recording is read with and goes with the place; return what could not be."""


@dataclass(frozen=True, slots=True)
class Here:
    """On this machine, with its files and process ids."""

    start: Start
    model: str
    confinement: Confinement
    container: None = None

    def find(self, started: int, inner: int, /) -> int:
        """Return the workload: the started program, which launchers become, or one that a script started."""
        if inner == started:
            return started
        with contextlib.suppress(psutil.Error):
            if started in [parent.pid for parent in psutil.Process(inner).parents()]:
                return inner
        raise MachineError(
            f"the workload says that its process is {inner}, which {self.start.command[0]} did not start",
            hint='a script that starts an interpreter ends best with: exec python "$@"',
        )

    def root(self, _pid: int, /) -> Path:
        """Return this machine's root."""
        return Path("/")

    def keep_files(self, _pid: int, _folder: Path, /) -> list[Doubt]:
        """Keep nothing: they stay where they are."""
        return []


@contextlib.contextmanager
def enter(
    container: ContainerSpec | None,
    python: str,
    model: Path,
    limit: Limit | None,
    *,
    startup_seconds: float,
) -> Iterator[Place]:
    """Prepare the place for one workload; nothing of it is left after the block.

    Errors are those of `confine` and `contain`.
    """
    if container is not None:
        with contain(container, python, model, limit, startup_seconds=startup_seconds) as contained:
            yield contained
        return
    with confine(limit) as confinement:
        start = Start(python, prefix=confinement.prefix, patience_seconds=startup_seconds)
        yield Here(start, str(model), confinement)
