"""What a worker keeps on its machine: models by their content, and runs that nobody has taken yet.

<cache>/ortprof/fleet/
  models/<sha256>/<name>   models, each sent once
  <key>.task               what was asked for, from then until it is taken
  <key>.outcome            what became of it
  .machine                 locked while a run is measured: one at a time a machine, whoever asked for it
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from profiler import files
from profiler.errors import UsageError
from profiler.fleet.cluster.messages import Task, TaskOutcome
from profiler.run.json_document import DAMAGED, not_ours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.fleet.cluster.messages import ModelFile

KEPT_SECONDS = 14 * 86_400
"""How long a run waits for a client that does not come back."""


@dataclass(frozen=True, slots=True)
class Spool:
    """Paths of a worker's files."""

    path: Path

    @classmethod
    def of_user(cls) -> Spool:
        """Return the spool in the user's cache folder."""
        return cls(platformdirs.user_cache_path("ortprof") / "fleet")

    def model(self, model: ModelFile) -> Path:
        """Return where a model is, or will be."""
        return self.path / "models" / model.sha256 / model.name

    def has(self, model: ModelFile) -> bool:
        """Whether a model is there as a whole."""
        return self.model(model).is_file()

    def add(self, model: ModelFile, offset: int, content: bytes, *, last: bool) -> None:
        """Take a part of a model; with the last one it is there, if its content is what its name says.

        `UsageError` where it is not: nothing of it is kept then.
        """
        path = self.model(model)
        partial = path.with_name(f".{path.name}.partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(content)
        if last:
            if sha256_of(partial) != model.sha256:
                partial.unlink()
                raise UsageError(f"model {model.name} arrived damaged: its checksum is another")
            partial.replace(path)

    def task_file(self, key: str) -> Path:
        """Return where a task is."""
        return self.path / f"{key}.task"

    def outcome_file(self, key: str) -> Path:
        """Return where a task's outcome is, or will be."""
        return self.path / f"{key}.outcome"

    def log_file(self, key: str) -> Path:
        """Return where what a run says goes."""
        return self.path / f"{key}.log"

    def read_task(self, key: str) -> Task:
        """Return a task; `UsageError` where it is none."""
        path = self.task_file(key)
        try:
            return msgspec.json.decode(files.content(path), type=Task)
        except DAMAGED as error:
            raise not_ours(path, error) from error

    def write_outcome(self, key: str, outcome: TaskOutcome) -> None:
        """Keep what became of a task."""
        files.write(self.outcome_file(key), msgspec.msgpack.encode(outcome))

    @property
    def keys(self) -> list[str]:
        """Tasks that are done, or being done, and that nobody has taken."""
        return sorted(path.name.removesuffix(".task") for path in self.path.glob("*.task"))

    def forget(self, key: str) -> None:
        """Remove what there is of a task: its run has been taken."""
        for path in (self.outcome_file(key), self.log_file(key), self.task_file(key)):
            path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what nobody came for, and what a run that was killed left behind."""
        self.path.mkdir(parents=True, exist_ok=True)
        for path in self.path.glob("*.task"):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                self.forget(path.name.removesuffix(".task"))
        with contextlib.suppress(BlockingIOError), self.machine(wait=False):
            for folder in self.path.glob(".run-*"):
                shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def machine(self, *, wait: bool = True) -> Iterator[None]:
        """Have the machine alone while the block runs; the kernel frees it when the process ends.

        `BlockingIOError` where another has it and we are not to wait.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with files.open_mark(self.path / ".machine") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield


def sha256_of(path: Path) -> str:
    """Return the checksum of a file's content."""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
