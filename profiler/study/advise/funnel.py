"""Which studies answer a question, from a short look at everything to long ones of what could win. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.findings.thresholds import NEEDED
from profiler.spec.configuration import unhonoured
from profiler.spec.study import NO_LIMIT, Study
from profiler.spec.workload import Arrivals
from profiler.study.advise.recommendation import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration
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
    processes: int = 1
    tokens: int = 10
    most_tokens: int | None = None
    batch: int = 1
    dims: dict[str, int] = field(default_factory=dict)
    repeat: int = 5
    """Of the finalists."""


def sensible(catalogue: Catalogue, ort_version: str, cpus: float) -> list[SessionConfiguration]:
    """Return every configuration worth a look: those that this ONNX Runtime honours, by threads.

    A configuration that leaves the count of threads open comes with 2, 4, 8 and so on below the number of
    CPUs, and with that number; ONNX Runtime's default also as it comes. More threads than CPUs wait for each
    other.
    """
    most = max(2, math.ceil(cpus))
    counts = sorted({2**power for power in range(1, most.bit_length()) if 2**power <= most} | {most})
    found: list[SessionConfiguration] = []
    for configuration in catalogue.configurations.values():
        if unhonoured(configuration, ort_version, catalogue.settings):
            continue
        if configuration.threads or configuration.name == DEFAULT:
            found.append(configuration)
        if not configuration.threads:
            found += [configuration.adjusted(threads=count, entries={}) for count in counts]
    return found


def first_look(question: Question, configurations: Sequence[SessionConfiguration]) -> Study:
    """Return a study of one short run each."""
    return _study("first-look", question, configurations, rates=(question.rate,), repeat=1)


def final(question: Question, finalists: Sequence[SessionConfiguration]) -> Study:
    """Return the study that decides; it is measured anew, because the first look chose by luck too."""
    return _study("final", question, finalists, rates=(question.rate,), repeat=question.repeat)


def more_repeats(question: Question, undecided: Sequence[SessionConfiguration]) -> Study:
    """Return as many repeats again of what the final left open."""
    return _study("more-repeats", question, undecided, rates=(question.rate,), repeat=question.repeat)


def other_loads(question: Question, configurations: Sequence[SessionConfiguration], capacity: float) -> Study:
    """Return a study of heavier loads up to back-to-back requests; one session serves `capacity` a second.

    The rates lie between the asked one and the capacity, evenly in proportion.
    """
    step = (capacity / question.rate) ** (1 / (RUNGS + 1))
    rates = tuple(float(f"{question.rate * step**rung:.3g}") for rung in range(1, RUNGS + 1))
    heavier = step > MARGIN and question.arrivals is not Arrivals.CLOSED
    return _study(
        "other-loads",
        question,
        configurations,
        rates=rates if heavier else (capacity,),
        arrivals=(question.arrivals, Arrivals.CLOSED) if heavier else (Arrivals.CLOSED,),
        repeat=RUNG_REPEATS,
    )


def planned_seconds(
    question: Question, configurations: Sequence[SessionConfiguration]
) -> tuple[float, float]:
    """Return how long all studies should take, at least and at most: what could win is not known before."""
    look = first_look(question, configurations)
    started = START_SECONDS / min(1.0, question.cpus or 1.0)
    run = look.warmup_seconds + look.measure_seconds + started
    short = min(run, WARMUP_SECONDS + LEAST_SECONDS + started)
    everything = len(configurations)
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
    configurations: Sequence[SessionConfiguration],
    *,
    rates: tuple[float, ...],
    repeat: int,
    arrivals: tuple[Arrivals, ...] | None = None,
) -> Study:
    by_label = {configuration.label: configuration for configuration in configurations}
    return Study(
        name=f"advise-{stage}",
        title=f"Advice for a p95 of {question.p95_ms:g} ms: {stage.replace('-', ' ')}",
        configs=tuple(by_label),
        configurations=by_label,
        models=(question.model,),
        cpu_limits=(NO_LIMIT if question.cpus is None else question.cpus,),
        rates=rates,
        arrivals=arrivals or (question.arrivals,),
        concurrency=question.concurrency,
        processes=question.processes,
        tokens=question.tokens,
        most_tokens=question.most_tokens,
        batch=question.batch,
        dims=question.dims,
        repeat=repeat,
        warmup_seconds=WARMUP_SECONDS,
        measure_seconds=max(LEAST_SECONDS, math.ceil(MARGIN * NEEDED["p95"] / min(rates))),
        profile_seconds=0.0,
    )
