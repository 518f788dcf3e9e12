"""A cluster of made-up machines, whose workers come, go and fail when a test says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from profiler.fleet.cluster.engine import Finished
from profiler.fleet.cluster.messages import Description, ModelFile, TaskOutcome
from profiler.fleet.cluster.packing import pack
from profiler.fleet.fleet_record import (
    create_fleet,
    find_same_fleet,
    studies_of,
)
from profiler.fleet.fleet_sweep import FleetSweep, Models
from profiler.fleet.machine_type import MachineType
from profiler.run.manifest import read_manifest
from profiler.spec.catalogue import load
from profiler.spec.study_file import make_study
from profiler.study import study_record
from profiler.study.study_record import State
from tests.execute.worlds import Watching

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.fleet.cluster.messages import Task
    from profiler.fleet.fleet_record import FleetDirectory
    from profiler.run.directory import RunDirectory

SMALL = MachineType("Small (R) CPU @ 2 GHz", 2, "6.1", 2)
LARGE = MachineType("Large", 64, "6.1", 2)
REPEATS = 2
RUNS = 2 * REPEATS


def described(machine: MachineType, **changes: object) -> Description:
    known = Description(machine=machine, ortprof=version("ortprof"), ort="1.31.1", tuned=True)
    return msgspec.structs.replace(known, **changes)


@dataclass
class Cluster:
    """Workers whose runs take no time; what they have done they keep until it is taken."""

    run: RunDirectory
    workers: dict[str, Description]
    kept: dict[str, TaskOutcome] = field(default_factory=dict)
    holder: dict[str, str] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    """How often each run was really done."""
    brought: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: list[Finished] = field(default_factory=list)
    steps: int = 0
    happens: dict[int, Callable[[Cluster], None]] = field(default_factory=dict)
    fails: Callable[[Task], str] = lambda _: ""

    def machines(self) -> dict[str, Description]:
        self._step()
        return {
            address: msgspec.structs.replace(
                worker,
                keys=sorted(key for key, holder in self.holder.items() if holder == worker.machine.name),
            )
            for address, worker in self.workers.items()
        }

    def bring(self, address: str, model: ModelFile, path: Path) -> None:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256
        self.brought[address, model.sha256] += 1

    def submit(self, address: str, task: Task) -> None:
        self._step()
        if address not in self.workers:
            self.ended.append(Finished(address, task.key, None))
            return
        if task.key not in self.kept:
            self.made[task.key] += 1
            self.kept[task.key] = self._outcome(task)
            self.holder[task.key] = self.workers[address].machine.name
        self._step()
        self.ended.append(Finished(address, task.key, self.kept[task.key]))

    def _outcome(self, task: Task) -> TaskOutcome:
        why = self.fails(task)
        if why:
            return TaskOutcome(why=why)
        content = pack(self.run)
        return TaskOutcome(pack=content, sha256=hashlib.sha256(content).hexdigest(), seconds=1.0)

    def finished(self, seconds: float) -> list[Finished]:
        assert seconds > 0
        self._step()
        ended, self.ended = self.ended, []
        return [one if one.address in self.workers else Finished(one.address, one.key, None) for one in ended]

    def forget(self, address: str, key: str) -> None:
        assert address in self.workers
        self._step()
        del self.kept[key]
        del self.holder[key]

    def close(self) -> None:
        pass

    def _step(self) -> None:
        self.steps += 1
        assert self.steps < 1000, "it never ends"
        if self.steps in self.happens:
            self.happens.pop(self.steps)(self)


@dataclass
class World:
    """A reports folder and a cluster."""

    reports: Path
    cluster: Cluster
    models: Models

    def sweep(
        self, *only: str, retry_failed: bool = False, monitor: Watching | None = None
    ) -> FleetDirectory:
        study = make_study(
            "test",
            {"name": "ours", "configs": ["spin-on", "spin-off"], "models": ["tiny"], "repeat": REPEATS},
        )
        directory = find_same_fleet(self.reports, study, self.models.checksums) or create_fleet(
            self.reports, study, self.models.checksums
        )
        FleetSweep(
            directory,
            self.cluster,
            monitor or Watching(),
            load(),
            self.models,
            10.0,
            only=only,
            retry_failed=retry_failed,
        ).run()
        return directory

    def check(self, directory: FleetDirectory, *machines: MachineType) -> None:
        """Each run is there once, and was done once; workers keep nothing."""
        assert [machine for machine, _ in studies_of(directory)] == [*machines]
        seen: set[str] = set()
        for machine, study in studies_of(directory):
            record = study_record.read_record(study)
            assert {run.state for run in record.schedule} == {State.DONE}, machine
            ids = {run.run_id for run in record.schedule}
            assert len(ids) == RUNS
            assert not ids & seen, "a run's id is no other's, of whatever machine"
            seen |= ids
            for run in record.schedule:
                assert read_manifest(study.run(run).manifest)
            assert not list(study.runs_folder.glob(".*"))
            assert study.page.is_file()
            profiled = Counter(run.cell for run in record.schedule if run.profiled)
            assert profiled == {0: 1, 1: 1}
        assert set(self.cluster.made.values()) == {1}
        assert sum(self.cluster.made.values()) == RUNS * len(machines)
        assert not self.cluster.kept
