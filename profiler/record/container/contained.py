"""A workload's place in a container."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError, OrtprofError, UsageError
from profiler.record.container import images, leftovers
from profiler.record.container.arguments import MODEL_INSIDE, PACKAGE_INSIDE, Launch, run_command
from profiler.record.container.engine import Engine, connect, essence
from profiler.record.container.mapped import copy_mapped
from profiler.record.container.namespaces import inner_pid
from profiler.record.limit.confinement import Confinement
from profiler.record.owner import is_leftover, owner_of
from profiler.record.subject.start import Start
from profiler.run.doubt import Doubt
from profiler.spec.container import Container

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.spec.container import ContainerSpec
    from profiler.spec.limit import Limit

REFUSED, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127
"""Exit codes of `docker run` and `podman run`: the engine failed, or it could not run the command."""


@dataclass(frozen=True, slots=True)
class Contained:
    """A place in a container that ends with the run; see `profiler.record.subject.place.Place`."""

    engine: Engine
    name: str
    start: Start
    model: str
    confinement: Confinement
    container: Container

    def find(self, _started: int, inner: int, /) -> int:
        """Return the workload's process id on this machine."""
        asked = self.engine.tell("container", "inspect", "--format", "{{.State.Pid}}", self.name)
        pid = int(asked) if asked.strip().isdecimal() else 0
        if inner_pid(pid) != inner:
            raise MachineError(
                f"{self.engine.name.value} says that the workload is process {asked.strip()}: not here",
                hint="record on the engine's machine, with a runtime whose containers are plain processes "
                "there (runc or crun, no virtual machine)",
            )
        return pid

    def root(self, pid: int, /) -> Path:
        """Return the workload's root folder while it runs."""
        return Path(f"/proc/{pid}/root")

    def keep_files(self, pid: int, folder: Path, /) -> list[Doubt]:
        """Copy the files that the workload runs code from: they are gone with the container."""
        hint = "functions in them have no names, and stacks end there"
        try:
            failed = copy_mapped(pid, folder)
        except OSError as error:
            return [Doubt("the container's libraries", str(error), hint)]
        return [Doubt(f"the container's {path}", why, hint) for path, why in failed.items()]


@contextlib.contextmanager
def contain(
    spec: ContainerSpec, python: str, model: Path, limit: Limit | None, *, startup_seconds: float
) -> Iterator[Contained]:
    """Prepare a container for one workload; it is gone when the block is left, whatever happened in it.

    `MachineError` where the engine does not answer, `UsageError` where it has no such image. Clears what
    killed runs left behind.
    """
    engine = connect(spec.engine)
    image = images.find(engine, spec.image)
    owner = owner_of(os.getpid())
    if owner is None:
        raise MachineError("/proc does not show this process")
    launch = Launch(owner.name, leftovers.label(), image.id, model, limit)

    def explain(code: int, said: str) -> OrtprofError | None:
        if code == REFUSED:
            return MachineError(f"{engine.name.value} run: {essence(said)}")
        if code in (NOT_EXECUTABLE, NOT_FOUND):
            hint = f"--python names the interpreter inside; {engine.name.value} says: {essence(said)}"
            return UsageError(f"{spec.image} has no {python} that can be run", hint=hint)
        return None

    try:
        leftovers.remove(engine, is_leftover)
        yield Contained(
            engine=engine,
            name=owner.name,
            start=Start(
                python,
                PACKAGE_INSIDE,
                prefix=run_command(engine, launch),
                explain=explain,
                patience_seconds=startup_seconds,
                remedy=f"--image names another; {images.build_command(engine)} makes one that has it",
            ),
            model=f"{MODEL_INSIDE}/{model.name}",
            confinement=Confinement(limit),
            container=Container(
                engine=engine.name,
                version=engine.version,
                rootless=engine.rootless,
                image=spec.image,
                image_id=image.digest,
            ),
        )
    finally:
        leftovers.remove(engine, owner.name.__eq__)
