"""A study's definition -> its cells. Pure."""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.models.load_fields import load_fields
from profiler.spec.global_pool import refuse_unfit
from profiler.spec.inputs import Inputs, Order, parse_inputs
from profiler.spec.limit import make_limit
from profiler.spec.provider import parse_provider
from profiler.spec.study import NO_LIMIT, each
from profiler.spec.study_session import StudySession, lengths
from profiler.spec.workload import Arrivals, Companion, Workload, make_workload
from profiler.study.cells import cell_key
from profiler.study.plan import MOST_RUNS, require_runs
from profiler.study.study_record import StudyCell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiler.models.model_cache import PreparedModel
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.limit import Limit
    from profiler.spec.study import Study
    from profiler.spec.study_session import Tokens


def make_cells(study: Study, catalogue: Catalogue, models: Mapping[str, PreparedModel]) -> list[StudyCell]:
    """Return a study's cells in the order of its definition, each once.

    `models` holds the file of each of the study's models. `UsageError` for an unknown configuration, a
    limit that the kernel refuses, a value out of range, more than anybody runs, or two cells that could not
    be told apart.
    """
    cells = list(itertools.islice(_all_cells(study, catalogue, models), MOST_RUNS + 1))
    require_runs(len(cells))  # before memory and time are spent on as many as lists multiply to
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


@contextlib.contextmanager
def naming(key: str) -> Iterator[None]:
    """Let a `UsageError` begin with the key of the study that it is about."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{key}: {error.message}", hint=error.hint) from error


@dataclass(frozen=True, slots=True)
class _Known:
    """What names in a study stand for."""

    catalogue: Catalogue
    models: Mapping[str, PreparedModel]


@dataclass(frozen=True, slots=True)
class _Place:
    """What one cell has of each axis."""

    configuration: SessionConfiguration
    arrivals: Arrivals
    rate: float
    tokens: Tokens
    processes: int
    concurrency: int


def _all_cells(
    study: Study, catalogue: Catalogue, models: Mapping[str, PreparedModel]
) -> Iterator[StudyCell]:
    configurations = list(_configurations(study, catalogue))
    known = _Known(catalogue, models)
    for name in study.models:
        mine = study.for_model(name)
        lengths_tried: tuple[Tokens, ...] = each(mine.tokens)
        loads = itertools.product(_limits(mine), _loads(mine), lengths_tried)
        for limit, (arrivals, rate), tokens in loads:
            for config, configuration in configurations:
                for processes, callers in itertools.product(each(mine.processes), mine.callers(config)):
                    place = _Place(configuration, arrivals, rate, tokens, processes, callers)
                    workload = _workload(mine, name, place, known)
                    refuse_unfit(configuration, workload, "global_pool")
                    yield StudyCell(configuration=configuration, workload=workload, limit=limit)


def _workload(study: Study, model: str, place: _Place, known: _Known) -> Workload:
    first, *others = study.workload or (StudySession(model=model),)
    beside = [
        Companion(
            **_load(study, session, place, known.models[session.model], at),
            dims=session.dims or {},
            inputs=_inputs(session.input or {}, session.inputs or "", session.inputs_order),
            configuration=_own(study, known.catalogue, session, place.configuration, at),
        )
        for at, session in enumerate(others, 1)
    ]
    return make_workload(
        **_load(study, first, place, known.models[first.model], 0),
        dims=study.dims if first.dims is None else first.dims,
        inputs=_inputs(
            study.input if first.input is None else first.input,
            study.inputs if first.inputs is None else first.inputs,
            first.inputs_order or study.inputs_order,
        ),
        beside=beside,
        global_pool=study.global_pool,
        processes=place.processes,
        provider=parse_provider(study.provider),
        warmup_seconds=study.warmup_seconds,
        measure_seconds=study.measure_seconds,
        profile_seconds=study.profile_seconds,
    )


def _load(
    study: Study, session: StudySession, place: _Place, model: PreparedModel, number: int
) -> dict[str, Any]:
    return load_fields(
        model,
        number,
        tokens=lengths(place.tokens if session.tokens is None else session.tokens),
        batch=session.batch or study.batch,
        arrivals=session.arrivals or place.arrivals,
        rate=session.rate or place.rate,
        concurrency=session.concurrency or place.concurrency,
        seed=study.seed,
    )


def _own(
    study: Study,
    catalogue: Catalogue,
    session: StudySession,
    configuration: SessionConfiguration,
    number: int,
) -> SessionConfiguration | None:
    """Return the configuration of a further session where it has one of its own."""
    if not session.configures:
        return None
    with naming(f"workload[{number}].config"):
        base = configuration if session.config is None else _find(study, catalogue, session.config)
        return base.adjusted(threads=session.threads, inter_op=session.inter_op, entries={})


def _find(study: Study, catalogue: Catalogue, name: str) -> SessionConfiguration:
    return study.configurations.get(name) or catalogue.find(name)


def _configurations(study: Study, catalogue: Catalogue) -> Iterator[tuple[str, SessionConfiguration]]:
    """Yield each configuration, after its name, with each count of threads; one that means one as it is."""
    for name in study.configs:
        with naming("configs"):
            configuration = _find(study, catalogue, name)
        if configuration.threads == 1:
            yield name, configuration
            continue
        for threads in study.threads or (None,):
            yield name, configuration.adjusted(threads=threads, inter_op=study.inter_op, entries={})


def _inputs(named: Mapping[str, str], files: str, order: Order | None) -> Inputs:
    """Return what is fed; files by their full paths, as runs know them."""
    return Inputs(
        files=os.path.realpath(files) if files else "",
        order=order or Order.CYCLED,
        named={name: source.absolute() for name, source in parse_inputs(named).items()},
    )


def _limits(study: Study) -> Iterator[Limit | None]:
    for cpus in study.cpu_limits:
        if cpus == NO_LIMIT:
            yield None
        else:
            with naming("cpu_limits"):
                limit = make_limit(cpus, period_ms=study.cpu_period_ms, burst_ms=study.cpu_burst_ms)
            yield limit


def _loads(study: Study) -> Iterator[tuple[Arrivals, float]]:
    """Yield arrivals and rate; closed arrivals come once, for they have no rate."""
    for arrivals in study.arrivals:
        for rate in study.rates[:1] if arrivals is Arrivals.CLOSED else study.rates:
            yield arrivals, rate
