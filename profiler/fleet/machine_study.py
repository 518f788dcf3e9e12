"""One machine type's part of a fleet's study, as it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from profiler.fleet.cluster.messages import task_key
from profiler.fleet.dealing import OPEN
from profiler.run import runs
from profiler.study.ongoing import OngoingStudy
from profiler.study.plan import is_profiled
from profiler.study.study_record import ScheduledRun, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.fleet.machine_type import MachineType


@dataclass(slots=True)
class MachineStudy(OngoingStudy):
    """A machine type's study. That a run is done need not be written at once: its directory tells."""

    machine: MachineType
    under_way: dict[int, str] = field(default_factory=dict)
    """Worker by position in the schedule."""
    rounds: dict[int, str] = field(default_factory=dict)
    """Worker by round."""
    tries: dict[int, int] = field(default_factory=dict)

    def recover(self, *, retry_failed: bool) -> None:
        """Find runs that arrived and whose arrival nobody wrote down; plan failed ones anew if asked to."""
        for position, run in enumerate(self.record.schedule):
            if retry_failed and run.state is State.FAILED:
                self.mark(position, ScheduledRun(cell=run.cell, round=run.round))
            elif run.state is State.RUNNING and runs.is_run(self.directory.run(run).path):
                self.mark(position, msgspec.structs.replace(run, state=State.DONE))

    @property
    def waiting(self) -> int:
        """How many runs are not done yet."""
        return sum(run.state in OPEN for run in self.record.schedule)

    def held(self, fleet_id: str, holders: Mapping[str, str]) -> dict[int, str]:
        """Return which worker has, or does, a run that nobody waits for: by position in the schedule.

        `holders` has the workers of all keys that workers keep.
        """
        if not holders:
            return {}
        return {
            position: holders[key]
            for position, run in enumerate(self.record.schedule)
            if run.state is State.RUNNING
            and position not in self.under_way
            and (key := task_key(fleet_id, self.machine, run.run_id)) in holders
        }

    def has_profile(self, run: ScheduledRun) -> bool:
        """Whether a run's cell is profiled by another run, that is done or under way."""
        return is_profiled(self.record, run) or any(
            other.profiled and other.state is State.RUNNING
            for other in self.record.schedule
            if other.cell == run.cell and other is not run
        )
