"""What travels between a client and its workers: JSON in, msgpack back, checked against these types."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

import msgspec

from profiler.errors import UsageError
from profiler.fleet.machine_type import MachineType
from profiler.spec.configuration import SessionConfiguration, Setting
from profiler.spec.limit import Limit
from profiler.spec.workload import Workload

FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_+=-][A-Za-z0-9._+=-]*$", max_length=200)]
"""A name that leads nowhere else."""
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class ModelFile(msgspec.Struct, frozen=True):
    """A model by its content, and what its file is called."""

    sha256: Sha256
    name: FileName


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a cell, for one machine."""

    key: FileName
    """The same whenever this run is asked for, and no other's: a worker that has it does not repeat it."""
    run_id: FileName
    model: ModelFile
    configuration: SessionConfiguration
    workload: Workload
    """Its `model_path` means the client's machine."""
    limit: Limit | None
    settings: dict[str, Setting]
    frequency_hz: int
    startup_seconds: float


class TaskOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a task."""

    pack: bytes = b""
    """The run directory (see `packing`); empty where it failed."""
    sha256: str = ""
    """Of the pack."""
    why: str = ""
    """Why it failed."""
    seconds: float = 0.0
    """How long it took, start-up and analysis included."""

    def check(self) -> None:
        """Raise `UsageError` where the pack is not what was sent."""
        if not self.why and hashlib.sha256(self.pack).hexdigest() != self.sha256:
            raise UsageError("the run arrived damaged: its checksum is another")


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A worker, as it describes itself."""

    machine: MachineType
    ortprof: str
    ort: str
    """The version of the ONNX Runtime that it measures; empty without one."""
    tuned: bool
    """Whether Dask itself disturbs no measurement there: `ortprof worker` started it."""
    keys: list[FileName] = []
    """Of tasks that it has done, or is doing, and that nobody has taken."""


def task_key(fleet_id: str, machine: MachineType, run_id: str) -> str:
    """Return the key of a run of a fleet."""
    return re.sub(r"[^A-Za-z0-9._+=-]", "_", f"{fleet_id}.{machine.name}.{run_id}")[:200]
