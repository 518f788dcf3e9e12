"""What a study found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import count, listed, ms, number, percent
from profiler.study.chance_words import cannot_tell, hidden
from profiler.study.interval_words import bounds
from profiler.study.intervals import compare
from profiler.study.knee import TOLERANCE
from profiler.study.pareto import tradeoff
from profiler.study.results import paired
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.spec.limit import Limit
    from profiler.study.cell_figures import CellFigures
    from profiler.study.cells import LimitSeries
    from profiler.study.intervals import Ratio
    from profiler.study.knee import Knee, Step
    from profiler.study.pareto import Choice


def group_sentences(rows: Sequence[CellFigures]) -> list[str]:
    """Return what there is to say of cells that differ in nothing but the configuration."""
    return [*tradeoff_sentences(rows), *neighbour_sentence(rows)]


def neighbour_sentence(rows: Sequence[CellFigures]) -> list[str]:
    """Say what a neighbour on the same CPUs got done beside each; nothing without one."""
    shares = [
        f"{percent(row.neighbour_share)} beside {row.key.configuration}"
        for row in rows
        if row.neighbour_share is not None
    ]
    said = f"Of what it gets done beside the idle service, a neighbour on the same CPUs got {listed(shares)}."
    return [said] if shares else []


def tradeoff_sentences(rows: Sequence[CellFigures]) -> list[str]:
    """Return what there is to choose between in a group; nothing where there is one configuration."""
    costs = tradeoff(rows)
    if len(costs.choices) < 2:  # noqa: PLR2004  a choice takes two
        return []
    front = costs.front
    if not front:
        return ["Every configuration was overloaded: requests came faster than they were served."]
    cheapest, fastest = front[0], front[-1]
    others = [choice for choice in costs.choices if not choice.row.overloaded]
    cheaper = {_name(one): _cpu_ratio(cheapest, one) for one in others if one is not cheapest}
    faster = {
        _name(one): _latency_ratio(fastest, one, costs.statistic) for one in others if one is not fastest
    }
    chance = _chance(cheapest, cheaper, faster, costs.statistic)
    takes, has = ("took", "had") if chance else ("takes", "has")
    least = f"{_name(cheapest)} {takes} the least CPU time, {ms(cheapest.cpu_ms.value)} a request"
    lowest = f"{has} the lowest {costs.statistic.value}, {ms(fastest.latency_ms.value)}"
    if len(front) == 1:
        return [f"{least}, and {lowest}.", *chance]
    slower, dearer = _latency_ratio(cheapest, fastest, costs.statistic), _cpu_ratio(fastest, cheapest)
    sentence = f"{least}; {_name(fastest)} {lowest}"
    if slower is not None and dearer is not None:
        sentence += f": {_times(slower)} as fast, for {_times(dearer)} the CPU time"
    between = ", ".join(_name(choice) for choice in front[1:-1])
    return [f"{sentence}.", *([f"Between them: {between}."] if between else []), *chance]


def _cpu_ratio(choice: Choice, other: Choice) -> Ratio | None:
    """Return how many times as much CPU time a request takes as with another."""
    before, after = paired(other.row.cell, choice.row.cell)
    return compare([run.cpu_ms for run in before], [run.cpu_ms for run in after], Statistic.MEAN)


def _latency_ratio(choice: Choice, other: Choice, statistic: Statistic) -> Ratio | None:
    """Return how many times as long a request takes as with another."""
    before, after = paired(other.row.cell, choice.row.cell)
    return compare([run.latency_ms for run in before], [run.latency_ms for run in after], statistic)


def _chance(
    cheapest: Choice,
    cheaper: Mapping[str, Ratio | None],
    faster: Mapping[str, Ratio | None],
    statistic: Statistic,
) -> list[str]:
    """Say which of the differences to other configurations may be chance; nothing where none may."""
    less = [name for name, ratio in cheaper.items() if hidden(ratio)]
    lower = [name for name, ratio in faster.items() if hidden(ratio)]
    what = [
        *([f"less CPU time than {listed(less)}"] if less else []),
        *([f"a lower {statistic.value} than {listed(lower)}"] if lower else []),
    ]
    ratios = [ratio for ratio in (*cheaper.values(), *faster.values()) if hidden(ratio)]
    said = cannot_tell(ratios, cheapest.row.repeats, "--repeat")
    return [f"As for {listed(what)}, {said}."] if what else []


def _times(ratio: Ratio) -> str:
    """Return `1.7 times (1.2 to 2.4)`."""
    return f"{number(ratio.estimate)} times ({bounds(ratio.low, ratio.high)})"


def _name(choice: Choice) -> str:
    return choice.row.key.configuration


def overload_note(row: CellFigures) -> str:
    """Say of an overloaded cell what became of its requests."""
    return (
        f"overloaded: {row.unserved:,} of {count(row.unserved + row.requests, 'request')} were never served"
    )


def knee_sentences(knees: Mapping[LimitSeries, Knee | None]) -> list[str]:
    """Return where latency begins to rise as the limit tightens, a sentence for each line of cells."""
    several = len({line.unlimited for line in knees}) > 1
    sentences = []
    for line, knee in knees.items():
        name = _line_words(line, several=several)
        if knee is None:
            sentences.append(f"{name}: no knee to be found, for want of requests or of limits that suffice.")
        else:
            sentences.append(f"{name}: {_knee(knee)}")
    return sentences


def _line_words(line: LimitSeries, *, several: bool) -> str:
    group = line.unlimited
    return f"{line.configuration} on {group.what}, {group.load}" if several else line.configuration


def _knee(knee: Knee) -> str:
    """Say a knee."""
    name = knee.statistic.value
    bound = f"{percent(TOLERANCE)} of {_reference(knee.reference)}"
    if knee.below is None:
        return (
            f"the knee is below {_limit(knee.at.limit)}, the tightest limit measured: {name} stays within "
            f"{bound}; there it is {_ratio(knee.at)}."
        )
    if knee.at.limit == knee.reference:
        return f"the knee is at {_limit(knee.at.limit)}: already {_below(knee.below, name)}."
    certainty = "" if knee.sure else "about "
    return (
        f"the knee is at {certainty}{_limit(knee.at.limit)}: from there on, {name} is within {bound}; "
        f"there it is {_ratio(knee.at)}, {_below(knee.below, name)}."
    )


def _below(step: Step, name: str) -> str:
    if step.ratio is None:
        return f"at {_limit(step.limit)} requests came faster than they were served"
    return f"at {_limit(step.limit)} {name} is {_ratio(step)}"


def _ratio(step: Step) -> str:
    if step.ratio is None:
        return "the reference"
    return f"{number(step.ratio.estimate)} times as high ({bounds(step.ratio.low, step.ratio.high)})"


def _limit(limit: Limit | None) -> str:
    return "no limit" if limit is None else limit.words


def _reference(limit: Limit | None) -> str:
    return "that without a limit" if limit is None else f"that at {limit.words}"
