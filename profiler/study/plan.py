"""A study's definition -> its cells, their schedule, and how long it will take. Pure."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.spec.inputs import Inputs, parse_input
from profiler.spec.limit import make_limit
from profiler.spec.provider import parse_provider
from profiler.spec.study import NO_LIMIT
from profiler.spec.workload import Arrivals, make_workload
from profiler.study.cells import cell_key
from profiler.study.study_record import ScheduledRun, State, StudyCell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from profiler.models.model_cache import PreparedModel
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.limit import Limit
    from profiler.spec.study import Study
    from profiler.study.study_record import Startup, StudyRecord

ANALYSIS_SECONDS = 0.5
"""Analysing and rendering a run that was only measured."""
ANALYSIS_SHARE = 0.8
"""Of the profile's seconds, what analysing a recording takes: perf script is most of it. Both are first
guesses, which `seconds_left` corrects by what the first runs took."""


def make_cells(study: Study, catalogue: Catalogue, models: Mapping[str, PreparedModel]) -> list[StudyCell]:
    """Return a study's cells in the order of its definition, each once.

    `models` holds the file of each of the study's models. `UsageError` for an unknown configuration, a
    limit that the kernel refuses, a value out of range, or two cells that could not be told apart.
    """
    cells = list(_all_cells(study, catalogue, models))
    by_key: dict[object, StudyCell] = {}
    for cell in cells:
        other = by_key.setdefault(cell_key(cell), cell)
        if other != cell:
            raise UsageError(
                f"two different cells of the study are called {cell.configuration.label} on "
                f"{cell.workload.model}",
                hint="give the models' files different names",
            )
    return list(by_key.values())


def _all_cells(
    study: Study, catalogue: Catalogue, models: Mapping[str, PreparedModel]
) -> Iterator[StudyCell]:
    configurations = list(_configurations(study, catalogue))
    for name in study.models:
        mine, model = study.for_model(name), models[name]
        for limit in _limits(mine):
            for arrivals, rate in _loads(mine):
                workload = make_workload(
                    model=model.name,
                    model_path=os.path.realpath(model.path),
                    weights=model.weights,
                    batch=mine.batch,
                    tokens=mine.tokens,
                    most_tokens=mine.most_tokens,
                    concurrency=mine.concurrency,
                    processes=mine.processes,
                    provider=parse_provider(mine.provider),
                    inputs=_inputs(mine),
                    dims=mine.dims,
                    arrivals=arrivals,
                    rate=rate,
                    seed=mine.seed,
                    warmup_seconds=mine.warmup_seconds,
                    measure_seconds=mine.measure_seconds,
                    profile_seconds=mine.profile_seconds,
                )
                for configuration in configurations:
                    yield StudyCell(configuration=configuration, workload=workload, limit=limit)


def _configurations(study: Study, catalogue: Catalogue) -> Iterator[SessionConfiguration]:
    """Yield each configuration with each count of threads; one that means a single thread only as it is."""
    for name in study.configs:
        found = study.configurations.get(name) or catalogue.find(name)
        if found.threads == 1:
            yield found
            continue
        for threads in study.threads or (None,):
            yield found.adjusted(threads=threads, inter_op=study.inter_op, entries={})


def _inputs(study: Study) -> Inputs:
    """Return what is fed; files by their full paths, as runs know them."""
    named = dict(parse_input(f"{name}={values}") for name, values in study.input.items())
    return Inputs(named={name: source.absolute() for name, source in named.items()})


def _limits(study: Study) -> Iterator[Limit | None]:
    for cpus in study.cpu_limits:
        if cpus == NO_LIMIT:
            yield None
        else:
            yield make_limit(cpus, period_ms=study.cpu_period_ms, burst_ms=study.cpu_burst_ms)


def _loads(study: Study) -> Iterator[tuple[Arrivals, float]]:
    """Yield arrivals and rate; closed arrivals come once, for they have no rate."""
    for arrivals in study.arrivals:
        for rate in study.rates[:1] if arrivals is Arrivals.CLOSED else study.rates:
            yield arrivals, rate


def make_schedule(repeats: Sequence[int], seed: int) -> list[ScheduledRun]:
    """Return the order of runs for cells that are repeated so often.

    Round after round, each cell once a round as long as it has repeats left, in an order that is shuffled
    anew in each round: what happens to the machine meanwhile hits all cells alike (randomised complete
    blocks; Montgomery, Design and Analysis of Experiments, chapter 4).
    """
    generator = random.Random(seed)  # noqa: S311 - an order, not a secret
    schedule = []
    for number in range(max(repeats, default=0)):
        cells = [cell for cell, repeat in enumerate(repeats) if repeat > number]
        generator.shuffle(cells)
        schedule += [ScheduledRun(cell=cell, round=number) for cell in cells]
    return schedule


def estimate_seconds(cell: StudyCell, startup: Startup | None, *, profiles: bool) -> float:
    """Return how long a run of a cell should take, start-up and analysis included.

    Under a limit the start-up takes at least its CPU time over the limit, for the limit holds from the
    first instruction on.
    """
    workload = cell.workload
    seconds = workload.warmup_seconds + workload.measure_seconds + ANALYSIS_SECONDS
    if profiles:
        seconds += workload.profile_seconds * (1 + ANALYSIS_SHARE)
    if startup is not None:
        cpus = cell.limit.cpus if cell.limit is not None else float("inf")
        seconds += max(startup.seconds, startup.cpu_seconds / cpus)
    return seconds


def is_profiled(record: StudyRecord, run: ScheduledRun) -> bool:
    """Whether a run's cell has its profile, or will have it from the shard with the cell's first run."""
    return any(
        (other.state is State.DONE and other.profiled)
        or (other.state is State.ELSEWHERE and other.round < run.round)
        for other in record.schedule
        if other.cell == run.cell
    )


def seconds_left(record: StudyRecord) -> float:
    """Return how long the runs to come should take.

    What runs took so far over what was estimated for them corrects the estimate.
    """
    profiled = {run.cell for run in record.schedule if run.state is State.DONE and run.profiled}
    estimated, took, left = 0.0, 0.0, 0.0
    for run in record.schedule:
        cell = record.cells[run.cell]
        startup = record.startup.get(cell.workload.model)
        if run.state is State.DONE and run.seconds is not None:
            estimated += estimate_seconds(cell, startup, profiles=run.profiled)
            took += run.seconds
        elif run.state in (State.PLANNED, State.RUNNING):
            profiles = bool(cell.workload.profile_seconds) and run.cell not in profiled
            profiles = profiles and not is_profiled(record, run)
            profiled.add(run.cell)
            left += estimate_seconds(cell, startup, profiles=profiles)
    return left * (took / estimated if took else 1.0)


def refuse(schedule: Iterable[ScheduledRun], refusals: Mapping[int, str]) -> list[ScheduledRun]:
    """Return the schedule with the runs of refused cells marked; `refusals` holds why, by cell."""
    return [
        ScheduledRun(cell=run.cell, round=run.round, state=State.REFUSED, why=refusals[run.cell])
        if run.cell in refusals
        else run
        for run in schedule
    ]
