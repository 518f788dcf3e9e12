"""What a sweep asks of a cluster, whatever kind that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.fleet.cluster.messages import Description, ModelFile, Task, TaskOutcome


@dataclass(frozen=True, slots=True)
class Finished:
    """A task that is not under way any more."""

    address: str
    key: str
    outcome: TaskOutcome | None
    """None where there is none: `why`, or, without that, the worker is gone."""
    why: str = ""


class ClusterEngine(Protocol):
    """Workers that do one task at a time each, and may come and go, as may what connects us."""

    def machines(self) -> Mapping[str, Description]:
        """Return the workers that can be reached now, by their addresses."""

    def bring(self, address: str, model: ModelFile, path: Path) -> None:
        """Make sure that a worker has a model; `OrtprofError` where it can't be brought there."""

    def submit(self, address: str, task: Task) -> None:
        """Have a worker do a task."""

    def finished(self, seconds: float) -> list[Finished]:
        """Return the tasks that finished since the last call; wait so long for one."""

    def forget(self, address: str, key: str) -> None:
        """Let a worker remove what it keeps of a task."""

    def close(self) -> None:
        """Leave the cluster as it was."""
