"""One study over all machine types of a cluster: each run once a type, whatever ends in between."""

from __future__ import annotations

import functools
import hashlib
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from profiler.errors import InterruptedRunError, OrtprofError, UsageError
from profiler.execute.one_run import run_name
from profiler.execute.preparation import plan_record, run_spec
from profiler.execute.study_run import publish
from profiler.fleet.cluster.messages import ModelFile, Task, task_key
from profiler.fleet.cluster.packing import unpack
from profiler.fleet.cluster.spool import sha256_of
from profiler.fleet.dealing import next_run
from profiler.fleet.fleet_record import FleetDirectory, read_fleet, write_fleet
from profiler.fleet.machine_study import MachineStudy
from profiler.models import progress as model_progress
from profiler.models.prepare import resolve
from profiler.run.directory import file_name_part
from profiler.study import study_record
from profiler.study.cells import cell_key
from profiler.study.plan import of_round, seconds_left
from profiler.study.study_record import ScheduledRun, State, StudyDirectory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.execute.study_run import StudyMonitor
    from profiler.fleet.cluster.engine import ClusterEngine, Finished
    from profiler.fleet.cluster.messages import Description
    from profiler.fleet.machine_type import MachineType
    from profiler.models.model_cache import PreparedModel
    from profiler.models.progress import Progress
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.study import Study
    from profiler.study.study_record import StudyCell

POLL_SECONDS = 1.0
GATHERED_SECONDS = 1.0
"""How long a worker waits for others that begin too: bringing them a model may take long."""
PATIENCE = 15
"""How many polls without any worker are nothing to speak of: one that starts imports a lot."""
MOST_TRIES = 3
"""How often a run may end without an outcome on a worker that stays."""


@dataclass(frozen=True, slots=True)
class Models:
    """A study's models: by what the study calls them, with the checksum of each."""

    prepared: dict[str, PreparedModel]
    files: dict[str, ModelFile]
    """By the model's name."""

    @property
    def checksums(self) -> dict[str, str]:
        """The checksum of each model, by its name."""
        return {name: file.sha256 for name, file in self.files.items()}


def prepare_models(study: Study, progress: Progress = model_progress.SILENT) -> Models:
    """Find or build a study's models, and hash them.

    Errors are those of `resolve`; `UsageError` for a study of what does not travel to workers.
    """
    _refuse_unfit(study)
    prepared = {name: resolve(name, progress=progress) for name in study.models}
    return Models(
        prepared,
        {
            model.name: ModelFile(sha256_of(model.path), file_name_part(model.path.name).lstrip("."))
            for model in prepared.values()
        },
    )


def _refuse_unfit(study: Study) -> None:
    """Refuse what a worker is not sent: one model's file goes there, and nothing beside it."""
    unfit = {
        "workload has several sessions": len(study.workload) > 1,
        "neighbour is on": study.neighbour,
        "inputs are read from files": bool(study.input_files),
    }
    for why, holds in unfit.items():
        if holds:
            raise UsageError(
                f"{study.name}: {why}, which a study over a cluster can't have",
                hint="run it without --cluster",
            )


@dataclass(slots=True)
class FleetSweep:
    """A fleet's study as it goes on."""

    directory: FleetDirectory
    engine: ClusterEngine
    monitor: StudyMonitor
    catalogue: Catalogue
    models: Models
    startup_seconds: float
    only: Sequence[str] = ()
    """Parts of the names of the machine types that are to be measured; empty for all."""
    retry_failed: bool = False
    _studies: dict[str, MachineStudy] = field(default_factory=dict)
    """By the machine type's name."""
    _said: set[str] = field(default_factory=set)
    _patience: int = PATIENCE
    _released: set[str] = field(default_factory=set)
    _places: dict[str, tuple[MachineStudy, int]] = field(default_factory=dict)
    """Of tasks under way, by key."""

    def run(self) -> None:
        """Run what is left on every machine type that there is, and write the pages.

        A worker that goes away is waited for; a run that fails is written down and passed over.
        `InterruptedRunError` after Ctrl+C: what was done is kept, and what workers are doing they keep until
        the same study is asked for again. `NotWrittenError` where a study can't be written.
        """
        with study_record.locked(StudyDirectory(self.directory.path)):
            try:
                self._run()
            except (InterruptedRunError, KeyboardInterrupt):
                raise InterruptedRunError(
                    f"interrupted; what is done is kept in {self.directory.path}",
                    hint="the same command goes on from there",
                ) from None
            finally:
                for study in self._studies.values():
                    study.write()
                    publish(study.directory)

    def _run(self) -> None:
        for machine in read_fleet(self.directory).machines:
            if self._wanted(machine):
                self._open(machine)
        while True:
            machines = self.engine.machines()
            self._admit(machines)
            self._release(machines)
            self._employ_all(machines)
            if self._studies and not any(study.waiting for study in self._studies.values()):
                return
            self._say_who_is_missing(machines)
            for finished in self.engine.finished(POLL_SECONDS):
                self._settle(finished)

    def _employ_all(self, machines: Mapping[str, Description]) -> None:
        """Give all workers that have none their next runs."""
        holders = {key: address for address, described in machines.items() for key in described.keys}
        busy = {address for study in self._studies.values() for address in study.under_way.values()}
        tasks: dict[str, Task] = {}
        began = time.monotonic()
        for address in machines:
            task = None if address in busy else self._employ(address, machines, holders)
            if task is not None:
                tasks[address] = task
            if time.monotonic() - began > GATHERED_SECONDS:
                self._begin_all(tasks)
                tasks, began = {}, time.monotonic()
        self._begin_all(tasks)

    def _begin_all(self, tasks: Mapping[str, Task]) -> None:
        """Write down which runs begin, and which ended meanwhile; then have workers begin."""
        for study in self._studies.values():
            study.write()
        for address, task in tasks.items():
            self.engine.submit(address, task)

    def _wanted(self, machine: MachineType) -> bool:
        return not self.only or any(machine.is_called(part) for part in self.only)

    def _admit(self, machines: Mapping[str, Description]) -> None:
        """Begin the study of machine types that are new; say which workers are left out, each once."""
        for address, described in machines.items():
            why = self._unfit(described)
            if why:
                self._say(f"{address} is left out: {why}")
            elif self._wanted(described.machine) and described.machine.name not in self._studies:
                self._open(described.machine, described.ort)
                fleet = read_fleet(self.directory)
                if described.machine not in fleet.machines:
                    grown = [*fleet.machines, described.machine]
                    write_fleet(self.directory, msgspec.structs.replace(fleet, machines=grown))
            if not why and not described.tuned:
                self._say(
                    f"{address} was not started by `ortprof worker`: Dask's own work disturbs figures there"
                )

    def _unfit(self, described: Description) -> str:
        ours = _ours()
        if described.ortprof != ours:
            return f"it has ortprof {described.ortprof}, not {ours}"
        if not described.ort:
            return "it has no ONNX Runtime"
        study = self._studies.get(described.machine.name)
        if study is not None and study.record.ort_version != described.ort:
            return (
                f"it has ONNX Runtime {described.ort}, not {study.record.ort_version} as others of its type"
            )
        return ""

    def _open(self, machine: MachineType, ort: str = "") -> None:
        """Go on with the study of a machine type, or begin it with its workers' ONNX Runtime."""
        directory = self.directory.study(machine)
        if directory.manifest.is_file():
            record = study_record.read_record(directory)
        elif ort:
            study = read_fleet(self.directory).study
            order = int(hashlib.sha256(machine.name.encode()).hexdigest()[:8], 16)
            record = plan_record(
                study,
                self.catalogue,
                self.models.prepared,
                python="python3",
                version=ort,
                seed=study.seed + order,
            )
            directory.runs_folder.mkdir(parents=True, exist_ok=True)
            study_record.write_record(directory, record)
        else:
            return
        opened = MachineStudy(directory, record, machine)
        opened.recover(retry_failed=self.retry_failed)
        self._studies[machine.name] = opened

    def _employ(
        self, address: str, machines: Mapping[str, Description], holders: Mapping[str, str]
    ) -> Task | None:
        """Return the next run of a worker that has none, begun; `holders` as for `MachineStudy.held`."""
        described = machines[address]
        study = self._studies.get(described.machine.name)
        if study is None or self._unfit(described):
            return None
        study.rounds = {number: owner for number, owner in study.rounds.items() if owner in machines}
        held = study.held(self.directory.fleet_id, holders)
        position = next_run(study.record, address, under_way=study.under_way, held=held, rounds=study.rounds)
        if position is None:
            return None
        run = study.record.schedule[position]
        cell = study.record.cells[run.cell]
        model = self.models.files[cell.workload.model]
        try:
            self.engine.bring(address, model, Path(cell.workload.model_path))
        except OrtprofError as error:
            self._say(f"{address}: {error.message}")
            return None
        task = self._begin(study, position, cell, model)
        study.rounds.setdefault(run.round, address)
        study.under_way[position] = address
        self._places[task.key] = (study, position)
        if position not in held:
            what = f"{described.machine.words}: {cell_key(cell).words}, round {run.round + 1}"
            number = study.record.mine.index(study.record.schedule[position]) + 1
            left = seconds_left(study.record)
            self.monitor.run_begins(number, len(study.record.mine), what, left)
        return task

    def _begin(self, study: MachineStudy, position: int, cell: StudyCell, model: ModelFile) -> Task:
        """Mark a run as begun, and return it as a task; one begun before is the same task again."""
        run, record = study.record.schedule[position], study.record
        profiles = run.profiled or (bool(cell.workload.profile_seconds) and not study.has_profile(run))
        workload = of_round(cell.workload, run.round, profiles=profiles)
        planned = msgspec.structs.replace(cell, workload=workload)
        if run.state is State.PLANNED:
            spec = run_spec(record, planned, self.catalogue.settings, self.startup_seconds)
            run_id = f"{run_name(spec)}-{study.machine.mark}-{position + 1:03}"
            run = msgspec.structs.replace(run, state=State.RUNNING, run_id=run_id, profiled=profiles)
            study.mark(position, run)
        return Task(
            key=task_key(self.directory.fleet_id, study.machine, run.run_id),
            run_id=run.run_id,
            model=model,
            configuration=cell.configuration,
            workload=workload,
            limit=cell.limit,
            settings=self.catalogue.settings,
            frequency_hz=record.study.frequency_hz,
            startup_seconds=self.startup_seconds,
        )

    def _release(self, machines: Mapping[str, Description]) -> None:
        """Let workers forget runs that arrived although nobody could say so any more, each once."""
        arrived = {
            task_key(self.directory.fleet_id, study.machine, run.run_id)
            for study in self._studies.values()
            for run in study.record.schedule
            if run.state is State.DONE
        }
        for address, described in machines.items():
            for key in arrived.intersection(described.keys) - self._released:
                self._released.add(key)
                self.engine.forget(address, key)

    def _settle(self, finished: Finished) -> None:
        """Take what became of a task."""
        study, position = self._places.pop(finished.key, (None, 0))
        if study is None:
            return
        study.under_way.pop(position, None)
        run = study.record.schedule[position]
        where = (
            f"{study.machine.words}: {cell_key(study.record.cells[run.cell]).words}, round {run.round + 1}"
        )
        outcome, why = finished.outcome, finished.why
        if outcome is not None and not outcome.why:
            try:
                outcome.check()
                unpack(outcome.pack, study.directory.run(run).path)
            except UsageError as error:
                outcome, why = None, error.message
            else:
                study.mark(position, msgspec.structs.replace(run, state=State.DONE, seconds=outcome.seconds))
        elif outcome is not None:
            self.monitor.warn(f"{where}: {outcome.why}")
            self._fail(study, position, outcome.why)
        if outcome is not None:
            self._released.add(finished.key)
            self.engine.forget(finished.address, finished.key)
        elif why:
            study.tries[position] = study.tries.get(position, 0) + 1
            self.monitor.warn(f"{where}: {why}")
            if study.tries[position] >= MOST_TRIES:
                self._fail(study, position, why)
        else:
            self.monitor.warn(f"{where}: its worker is gone; it is done again")

    def _fail(self, study: MachineStudy, position: int, why: str) -> None:
        run = study.record.schedule[position]
        study.mark(position, ScheduledRun(cell=run.cell, round=run.round, state=State.FAILED, why=why))
        study.write()  # at once: no directory tells of it

    def _say_who_is_missing(self, machines: Mapping[str, Description]) -> None:
        if not machines:
            self._patience -= 1
            if self._patience < 0:
                self._say("no worker yet: `ortprof worker ADDRESS` on each machine starts one")
            return
        there = {described.machine.name for described in machines.values()}
        for name, study in self._studies.items():
            missing = (
                f"no worker of {study.machine.words}: {study.waiting} of its runs wait; Ctrl+C keeps the rest"
            )
            if study.waiting and name not in there:
                self._say(missing)

    def _say(self, text: str) -> None:
        """Warn of something once."""
        if text not in self._said:
            self._said.add(text)
            self.monitor.warn(text)


@functools.cache  # reading it takes a millisecond, and each worker is asked at each turn
def _ours() -> str:
    return version("ortprof")
