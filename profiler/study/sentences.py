"""What a study found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.report.formats import ms, number, percent
from profiler.study.figures import curves
from profiler.study.knee import TOLERANCE, find_knee
from profiler.study.pareto import tradeoff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.spec.limit import Limit
    from profiler.study.cells import Line
    from profiler.study.figures import CellFigures
    from profiler.study.knee import Knee, Step
    from profiler.study.pareto import Choice


def tradeoff_sentences(rows: Sequence[CellFigures]) -> list[str]:
    """Return what there is to choose between in a group; nothing where there is one configuration."""
    costs = tradeoff(rows)
    if len(costs.choices) < 2:  # noqa: PLR2004  a choice takes two
        return []
    front = costs.front
    if not front:
        return ["Every configuration was overloaded: requests came faster than they were served."]
    cheapest, fastest = front[0], front[-1]
    if len(front) == 1:
        least = ms(cheapest.cpu_ms.value)
        lowest = f"the lowest {costs.percentile}, {ms(cheapest.latency_ms.value)}"
        return [f"{_name(cheapest)} takes the least CPU time, {least} a request, and has {lowest}."]
    dearer = fastest.cpu_ms.value / cheapest.cpu_ms.value
    slower = cheapest.latency_ms.value / fastest.latency_ms.value
    sentence = (
        f"{_name(cheapest)} takes the least CPU time, {ms(cheapest.cpu_ms.value)} a request; "
        f"{_name(fastest)} has the lowest {costs.percentile}, {ms(fastest.latency_ms.value)}: "
        f"{number(slower)} times as fast, for {number(dearer)} times the CPU time."
    )
    between = ", ".join(_name(choice) for choice in front[1:-1])
    return [sentence, f"Between them: {between}."] if between else [sentence]


def _name(choice: Choice) -> str:
    return choice.row.key.configuration


def knee_sentences(rows: Sequence[CellFigures]) -> list[str]:
    """Return where latency begins to rise as the limit tightens, a sentence for each line of cells."""
    lines = curves(rows)
    several = len({line.unlimited for line in lines}) > 1
    sentences = []
    for line, mine in lines.items():
        knee = find_knee([row.cell for row in mine])
        name = _line_words(line, several=several)
        if knee is None:
            sentences.append(f"{name}: no knee to be found, for want of requests or of limits that suffice.")
        else:
            sentences.append(f"{name}: {_knee(knee)}")
    return sentences


def _line_words(line: Line, *, several: bool) -> str:
    group = line.unlimited
    return f"{line.configuration} on {group.model}, {group.load}" if several else line.configuration


def _knee(knee: Knee) -> str:
    """Say a knee."""
    name = knee.statistic.value
    bound = f"{percent(TOLERANCE)} of {_at(knee.reference)}"
    if knee.below is None:
        return (
            f"the knee is below {_limit(knee.at.limit)}, the tightest limit measured: {name} stays within "
            f"{bound} ({_ratio(knee.at)})."
        )
    if knee.at.limit == knee.reference:
        return f"the knee is at {_limit(knee.at.limit)}: already {_below(knee.below, name)}."
    certainty = "" if knee.sure else "about "
    return (
        f"the knee is at {certainty}{_limit(knee.at.limit)}: from there on, {name} is within {bound} "
        f"({_ratio(knee.at)}); {_below(knee.below, name)}."
    )


def _below(step: Step, name: str) -> str:
    if step.ratio is None:
        return f"{_at(step.limit)} requests came faster than they were served"
    return f"{_at(step.limit)} {name} is {_ratio(step)}"


def _ratio(step: Step) -> str:
    if step.ratio is None:
        return "the reference"
    ratio = step.ratio
    return f"{number(ratio.estimate)} times as high, {number(ratio.low)} to {number(ratio.high)}"


def _limit(limit: Limit | None) -> str:
    return "no limit" if limit is None else limit.words


def _at(limit: Limit | None) -> str:
    return "that without a limit" if limit is None else f"at {limit.words}"
