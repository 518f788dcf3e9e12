"""A study before its first run: checked against this machine, planned, held against what was begun before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from profiler.errors import UsageError
from profiler.models import progress as model_progress
from profiler.models.model_cache import PreparedModel
from profiler.models.prepare import built, resolve
from profiler.record import capabilities, host
from profiler.record.limit.confinement import confine
from profiler.record.run_spec import RunSpec
from profiler.record.subject.input_files import require_readable
from profiler.record.subject.start import STARTUP_SECONDS
from profiler.record.subject.startup import ort_version, startup_cost
from profiler.run import runs
from profiler.run.manifest import read_manifest
from profiler.spec.configuration import refuse_unhonoured
from profiler.study import study_record
from profiler.study.plan import make_schedule, refuse
from profiler.study.planned_cells import make_cells, naming
from profiler.study.shards import another, only_shard
from profiler.study.study_record import Shard, Startup, State, StudyCell, StudyDirectory, StudyRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.models.progress import Progress
    from profiler.record.monitor import Monitor
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import Setting
    from profiler.spec.study import Study


def plan_study(
    study: Study,
    catalogue: Catalogue,
    python: str,
    progress: Progress = model_progress.SILENT,
    *,
    startup_seconds: float = STARTUP_SECONDS,
    build: bool = True,
    shard: Shard | None = None,
) -> StudyRecord:
    """Check that a study can be run here, and return its record with nothing done yet.

    Cells whose settings this ONNX Runtime would ignore are marked as refused. `UsageError` for a study that
    makes no sense, `MachineError` where perf or a limit can't be had, `WorkloadError` where `python` has no
    ONNX Runtime. Models that are not there yet are built, which `progress` follows; unless `build` is False.
    With a `shard`, the other shards' runs are `elsewhere`.
    """
    # Wrong values are refused before a model is built, which may take minutes.
    unbuilt = {model: PreparedModel(Path(model), model, "", None) for model in study.model_keys}
    sketch = make_cells(study, catalogue, unbuilt)
    if any(cell.workload.profile_seconds for cell in sketch):
        capabilities.perf_version()
    for limit in {cell.limit for cell in sketch}:
        with confine(limit):
            pass
    for key, path in study.input_files.items():
        with naming(key):
            require_readable(Path(path))
    models = {}
    for model, key in study.model_keys.items():
        with naming(key):
            models[model] = resolve(model, progress=progress) if build else built(model) or unbuilt[model]
    planned = plan_record(
        study, catalogue, models, python=python, version=ort_version(python, startup_seconds)
    )
    return planned if shard is None else only_shard(planned, shard)


def plan_record(
    study: Study,
    catalogue: Catalogue,
    models: Mapping[str, PreparedModel],
    *,
    python: str,
    version: str,
    seed: int | None = None,
) -> StudyRecord:
    """Return the record of a study for an ONNX Runtime, wherever that is, with nothing done yet.

    `seed` is that of the order of runs, without it the study's. Cells whose settings this version would
    ignore are marked as refused; `UsageError` where all are.
    """
    cells = make_cells(study, catalogue, models)
    refusals = _refusals(cells, version, catalogue.settings)
    if len(refusals) == len(cells):
        raise UsageError(f"none of the study's cells can be run: {refusals[0]}")
    repeats = {models[name].name: study.for_model(name).repeat for name in study.models}
    order = study.seed if seed is None else seed
    schedule = make_schedule([repeats[cell.workload.model] for cell in cells], order)
    return study_record.new_record(
        study, cells, refuse(schedule, refusals), python=python, ort_version=version
    )


def _refusals(cells: list[StudyCell], version: str, settings: dict[str, Setting]) -> dict[int, str]:
    """Return why cells can't be run with this ONNX Runtime, by their position."""
    refusals = {}
    for position, cell in enumerate(cells):
        try:
            refuse_unhonoured(cell.configuration, version, settings)
        except UsageError as error:
            refusals[position] = error.message
    return refusals


def with_startup(
    record: StudyRecord,
    settings: dict[str, Setting],
    monitor: Monitor,
    *,
    startup_seconds: float = STARTUP_SECONDS,
) -> StudyRecord:
    """Return the record with what starting each model costs, for the estimate of the time it takes.

    Errors are those of a run: a model that can't be opened is found out here, before the study begins.
    """
    startup: dict[str, Startup] = {}
    refused = {run.cell for run in record.schedule if run.state is State.REFUSED}
    for position, cell in enumerate(record.cells):
        model = cell.workload.model
        there = Path(cell.workload.model_path).is_file()  # a plan's model may not be built yet
        if there and model not in startup and position not in refused:
            monitor.step(f"opening {model} to see how long that takes")
            cost = startup_cost(run_spec(record, cell, settings, startup_seconds))
            startup[model] = Startup(cost.seconds, cost.cpu_seconds)
    return msgspec.structs.replace(record, startup=startup)


def run_spec(
    record: StudyRecord, cell: StudyCell, settings: dict[str, Setting], startup_seconds: float
) -> RunSpec:
    """Return a cell of a study as a run."""
    return RunSpec(
        configuration=cell.configuration,
        workload=cell.workload,
        settings=settings,
        python=record.python,
        frequency_hz=record.study.frequency_hz,
        limit=cell.limit,
        neighbour=record.study.neighbour,
        startup_seconds=startup_seconds,
    )


def difference(old: StudyRecord, planned: StudyRecord) -> str:
    """Return what keeps an earlier record from being continued as planned now; empty where nothing does."""
    if why := another(planned, old):
        return why
    if old.cells != planned.cells:
        return "a model's file is another"
    if old.python != planned.python:
        return f"it ran another interpreter (--python {old.python})"
    if old.shard != planned.shard:
        return f"it is shard {old.shard} of the study" if old.shard else "it is the whole study"
    return ""


def find_same(planned: StudyRecord, reports: Path) -> StudyDirectory | None:
    """Return the latest study of a folder that is what is planned: one to go on with, else a finished one.

    None where there is none. A finished one of another machine is not the same.
    """
    finished = None
    for path in reversed(runs.list_studies(reports)):
        directory = StudyDirectory(path)
        try:
            old = study_record.read_record(directory)
        except UsageError:  # a stranger's, or damaged: not ours to continue
            continue
        if difference(old, planned):
            continue
        if not old.complete:
            return directory
        if finished is None and _measured_here(directory, old):
            finished = directory
    return finished


def _measured_here(directory: StudyDirectory, record: StudyRecord) -> bool:
    """Whether a finished study's runs, the first at least, ran on a machine as this one."""
    done = [run for run in record.schedule if run.state is State.DONE]
    if not done:
        return False
    try:
        there = read_manifest(directory.run(done[0]).manifest).host
    except UsageError:
        return False
    here = host.describe()
    return (there.cpu, there.cpus, there.memory_bytes) == (here.cpu, here.cpus, here.memory_bytes)
