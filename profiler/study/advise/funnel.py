"""Which studies answer a question, from a short look at everything to long ones of what could win. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from profiler.findings.thresholds import NEEDED
from profiler.spec.configuration import unhonoured
from profiler.spec.global_pool import disobeyed
from profiler.spec.inputs import Order
from profiler.spec.study import NO_LIMIT, PerConfig, Study
from profiler.spec.study_session import StudySession
from profiler.spec.workload import Arrivals
from profiler.study.advise.recommendation import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.study_session import Tokens
    from profiler.study.advise.candidates import Candidate

MOST_FINALISTS = 4
MARGIN = 1.25
"""Requests in a repeat, over the least that a p95 needs: some come late."""
LEAST_SECONDS = 2.0
"""Of a repeat: it takes a while of work to be like the next one."""
WARMUP_SECONDS = 1.0
START_SECONDS = 3.0
"""Of a run, to start, open a small model, and be analysed; under a limit below one CPU it takes longer."""
RUNGS = 2
"""Rates that are tried between the asked one and back-to-back load."""
RUNG_REPEATS = 3
"""Of two, Student's t would say next to nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to find a configuration for."""

    p95_ms: float
    model: str = "minilm"
    rate: float = 1.0
    arrivals: Arrivals = Arrivals.FIXED
    cpus: float | None = None
    """The limit that all is measured under."""
    concurrency: int = 1
    """The most threads that call the session: one and so many are tried. Of closed arrivals, the clients."""
    processes: int = 1
    provider: str = "cpu"
    inter_op: int | None = None
    tokens: Tokens = 10
    batch: int = 1
    dims: dict[str, int] = field(default_factory=dict)
    input: dict[str, str] = field(default_factory=dict)
    inputs: str = ""
    inputs_order: Order = Order.CYCLED
    beside: tuple[StudySession, ...] = ()
    """Further sessions in the process."""
    global_pool: bool = False
    neighbour: bool = False
    repeat: int = 5
    """Of the finalists."""


class Arranged(NamedTuple):
    """A configuration, and how many threads call its session: one request by four, or four by one each."""

    configuration: SessionConfiguration
    callers: int


def arranged(question: Question, configurations: Sequence[SessionConfiguration]) -> list[Arranged]:
    """Return each configuration with one calling thread, and with as many as are asked for."""
    closed = question.arrivals is Arrivals.CLOSED
    tried = [question.concurrency] if closed else sorted({1, question.concurrency})
    return [Arranged(configuration, callers) for configuration in configurations for callers in tried]


def sensible(
    catalogue: Catalogue,
    ort_version: str,
    cpus: float,
    *,
    inter_op: int | None = None,
    global_pool: bool = False,
) -> list[SessionConfiguration]:
    """Return every configuration worth a look: those that this ONNX Runtime honours, by threads.

    With `inter_op`, those with a pool run in parallel, with so many inter-op threads. With a global pool,
    only those that it obeys are of use.

    A configuration that leaves the count of threads open comes with 2, 4, 8 and so on below the number of
    CPUs, and with that number; ONNX Runtime's default also as it comes. More threads than CPUs wait for each
    other.
    """
    most = max(2, math.ceil(cpus))
    counts = sorted({2**power for power in range(1, most.bit_length()) if 2**power <= most} | {most})
    configurations: list[SessionConfiguration] = []
    for configuration in catalogue.configurations.values():
        if unhonoured(configuration, ort_version, catalogue.settings):
            continue
        if global_pool and disobeyed(configuration):
            continue
        pooled = None if configuration.threads == 1 else inter_op
        if configuration.threads or configuration.name == DEFAULT:
            configurations.append(configuration.adjusted(inter_op=pooled, entries={}))
        if not configuration.threads:
            configurations += [
                configuration.adjusted(threads=count, inter_op=pooled, entries={}) for count in counts
            ]
    return configurations


def first_look(question: Question, tried: Sequence[Arranged]) -> Study:
    """Return a study of one short run each."""
    return _study("first-look", question, tried, rates=(question.rate,), repeat=1)


def final(question: Question, finalists: Sequence[Arranged]) -> Study:
    """Return the study that decides; it is measured anew, because the first look chose by luck too."""
    return _study("final", question, finalists, rates=(question.rate,), repeat=question.repeat)


def more_repeats(question: Question, undecided: Sequence[Arranged]) -> Study:
    """Return as many repeats again of what the final left open."""
    return _study("more-repeats", question, undecided, rates=(question.rate,), repeat=question.repeat)


def other_loads(question: Question, tried: Sequence[Arranged], capacity: float) -> list[Study]:
    """Return studies of heavier loads up to back-to-back requests; the service takes `capacity` a second.

    The rates lie between the asked one and the capacity, evenly in proportion. Back to back, as many clients
    come to each configuration: that is a study of its own where others have one calling thread.
    """
    step = (capacity / question.rate) ** (1 / (RUNGS + 1))
    rates = tuple(float(f"{question.rate * step**rung:.3g}") for rung in range(1, RUNGS + 1))
    heavier = step > MARGIN and question.arrivals is not Arrivals.CLOSED
    by_label = {cell.configuration.label: cell.configuration for cell in tried}
    clients = [Arranged(configuration, question.concurrency) for configuration in by_label.values()]
    if heavier and question.concurrency == 1:
        both = (question.arrivals, Arrivals.CLOSED)
        return [_study("other-loads", question, tried, rates=rates, arrivals=both, repeat=RUNG_REPEATS)]
    closed = _study(
        "back-to-back" if heavier else "other-loads",
        question,
        clients,
        rates=(capacity,),
        arrivals=(Arrivals.CLOSED,),
        repeat=RUNG_REPEATS,
    )
    return [
        *([_study("other-loads", question, tried, rates=rates, repeat=RUNG_REPEATS)] if heavier else []),
        closed,
    ]


def planned_seconds(question: Question, tried: Sequence[Arranged]) -> tuple[float, float]:
    """Return how long all studies should take, at least and at most: what could win is not known before."""
    look = first_look(question, tried)
    started = START_SECONDS / min(1.0, question.cpus or 1.0)
    run = look.warmup_seconds + look.measure_seconds + started
    short = min(run, WARMUP_SECONDS + LEAST_SECONDS + started)
    everything = len(tried)
    few, many = min(2, everything), min(MOST_FINALISTS + 1, everything)
    loads = 0 if question.arrivals is Arrivals.CLOSED else RUNGS + 1
    least = run * (everything + few * question.repeat) + short * few * loads * RUNG_REPEATS
    most = run * (everything + 2 * many * question.repeat + many * loads * RUNG_REPEATS)
    return least, most


def rivals(candidates: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[Candidate]:
    """Return what to try under heavier loads: the choice; of those that spin the fastest, the cheapest."""
    spinning = [candidate for candidate in candidates if candidate.configuration.spins]
    fastest = sorted(
        spinning, key=lambda candidate: candidate.p95_ms.estimate if candidate.p95_ms else math.inf
    )[:1]
    cheapest = sorted(spinning, key=lambda candidate: candidate.cpu_ms.estimate)[:1]
    by_label = {candidate.label: candidate for candidate in (*chosen, *fastest, *cheapest)}
    return list(by_label.values())


def _study(
    stage: str,
    question: Question,
    tried: Sequence[Arranged],
    *,
    rates: tuple[float, ...],
    repeat: int,
    arrivals: tuple[Arrivals, ...] | None = None,
) -> Study:
    by_label = {configuration.label: configuration for configuration, _ in tried}
    callers = {
        label: tuple(count for configuration, count in tried if configuration.label == label)
        for label in by_label
    }
    # Where all have the same, that is the study's.
    common = next(iter(callers.values())) if len(set(callers.values())) == 1 else ()
    sessions = (StudySession(model=question.model), *question.beside) if question.beside else ()
    return Study(
        name=f"advise-{stage}",
        title=f"Advice for a p95 of {question.p95_ms:g} ms: {stage.replace('-', ' ')}",
        configs=tuple(by_label),
        configurations=by_label,
        models=(question.model,),
        cpu_limits=(NO_LIMIT if question.cpus is None else question.cpus,),
        rates=rates,
        arrivals=arrivals or (question.arrivals,),
        workload=sessions,
        global_pool=question.global_pool,
        concurrency=common or question.concurrency,
        per_config={} if common else {label: PerConfig(concurrency=some) for label, some in callers.items()},
        processes=question.processes,
        provider=question.provider,
        tokens=question.tokens,
        batch=question.batch,
        dims=question.dims,
        input=question.input,
        inputs=question.inputs,
        inputs_order=question.inputs_order,
        neighbour=question.neighbour,
        repeat=repeat,
        warmup_seconds=WARMUP_SECONDS,
        measure_seconds=max(LEAST_SECONDS, math.ceil(MARGIN * NEEDED["p95"] / min(rates))),
        profile_seconds=0.0,
    )
