"""A recommendation in words; plain text, complete sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import count, ms, number, percent
from profiler.findings.thresholds import NEEDED
from profiler.study.interval_words import UNSURE, bounds, too_wide, with_interval
from profiler.study.intervals import Basis

if TYPE_CHECKING:
    from profiler.study.advise.candidates import Candidate
    from profiler.study.advise.loads import Turn
    from profiler.study.advise.recommendation import Alternative, Recommendation
    from profiler.study.cells import Group
    from profiler.study.intervals import Ratio

MANIFOLD = 2.0
"""From this ratio on, `3.1 times` is easier to read than `+210 %`."""


def ratio(value: Ratio) -> str:
    """Return what a ratio means for a cost: `12 % more (8.0 % to 17 %)`, `3.1 times as much (2.8 to 3.5)`.

    Where it may be chance: `about as much (0.9 to 1.1 times)`; where nobody knows, `0.2 to 3 times as much`,
    or `more or less (unsure)`.
    """
    within = bounds(value.low, value.high)
    if not value.significant and within == UNSURE:
        return f"more or less ({UNSURE})"
    if not value.significant and value.high > value.low * MANIFOLD:
        return f"{within} times as much"
    if not value.significant:
        return f"about as much ({within} times)"
    if value.estimate >= MANIFOLD:
        return f"{number(value.estimate)} times as much ({within})"
    ends = (value.low - 1, value.high - 1) if value.estimate > 1 else (1 - value.high, 1 - value.low)
    change = UNSURE if within == UNSURE else f"{percent(ends[0])} to {percent(ends[1])}"
    more = "more" if value.estimate > 1 else "less"
    return f"{percent(abs(value.estimate - 1))} {more} ({change})"


def headline(recommendation: Recommendation) -> str:
    """Return the answer."""
    target = f"a p95 of {ms(recommendation.target.p95_ms)} {_load(recommendation.target.group)}"
    chosen, nearest = recommendation.chosen, recommendation.decision.nearest
    if chosen is not None:
        return f"Choose {chosen.label}: the least CPU time a request of those that surely meet {target}."
    if nearest is None:
        return f"Whether any configuration meets {target} is not known: {_too_few(recommendation)}."
    surely = "surely " if nearest.p95_ms and nearest.p95_ms.low <= recommendation.target.p95_ms else ""
    return f"No configuration {surely}meets {target}; the nearest is {nearest.label}."


def sentences(recommendation: Recommendation) -> list[str]:
    """Return what belongs to the answer: how sure it is, what others cost, when it would be another."""
    shown = recommendation.chosen or recommendation.decision.nearest
    if shown is None:
        return ["Measure longer, or at a higher rate."]
    said = [_figures(shown)]
    if shown.basis is Basis.REQUESTS:
        said.append("This rests on one run of each: how much runs differ, it can't say. Repeat it.")
    said += _side_by_side(recommendation)
    if recommendation.chosen is None:
        return [*said, *_how_to_get_there(recommendation, shown)]
    if recommendation.runner_up is not None:
        said.append(_beside("The runner-up", recommendation.runner_up))
    said += [
        f"{_beside('Cheaper, but not surely in time:', alternative)}"
        for alternative in recommendation.cheaper
    ]
    if recommendation.default is not None and recommendation.default != recommendation.runner_up:
        said.append(_beside("ONNX Runtime's default,", recommendation.default))
    return said + _otherwise(recommendation)


def _load(group: Group) -> str:
    return "with requests back to back" if group.rate is None else f"at {group.load}"


def _figures(shown: Candidate) -> str:
    runs = f"{count(shown.repeats, 'repeat')}, {count(shown.requests, 'request')}"
    figures = [figure for figure in (shown.cpu_ms, shown.p95_ms) if figure is not None]
    unsure = any(too_wide(figure.low, figure.high) for figure in figures)
    sure = "too few repeats to be sure" if unsure else "with 95 % confidence"
    return (
        f"{shown.label} takes {with_interval(shown.cpu_ms)} of CPU time a request; its p95 is "
        f"{with_interval(shown.p95_ms)}, {sure} ({runs})."
    )


def _side_by_side(recommendation: Recommendation) -> list[str]:
    """Weigh requests side by side against requests one after another, where both were measured."""
    ranked = recommendation.decision.ranked
    alone = next((candidate for candidate in ranked if candidate.callers == 1), None)
    several = next((candidate for candidate in ranked if candidate.callers > 1), None)
    if alone is None or several is None:
        return []
    side_by_side = f"Side by side, called by {count(several.callers, 'thread')}, the best is {_cost(several)}"
    return [f"{side_by_side}; one after another, called by one, {_cost(alone)}."]


def _cost(candidate: Candidate) -> str:
    p95 = None if candidate.p95_ms is None else candidate.p95_ms.estimate
    return f"{candidate.label} ({ms(candidate.cpu_ms.estimate)} of CPU time a request, p95 {ms(p95)})"


def _beside(what: str, other: Alternative) -> str:
    cost = "an unknown amount" if other.cpu is None else ratio(other.cpu)
    return f"{what} {other.candidate.label} costs {cost}; its p95 is {with_interval(other.candidate.p95_ms)}."


def _otherwise(recommendation: Recommendation) -> list[str]:
    """Say what would be chosen under the other loads: where that differs, and always back to back."""
    others = [load for load in recommendation.loads if load.group != recommendation.target.group]
    chosen = recommendation.chosen.label if recommendation.chosen else None
    said = [] if recommendation.turn is None else [_turn(recommendation.turn)]
    for load in others:
        choice = load.decision.chosen
        if load.group.rate is not None and choice is not None and choice.label == chosen:
            continue
        what = "nothing surely meets the target" if choice is None else f"choose {choice.label}"
        served = "" if load.group.rate else f" ({load.served:.3g} a second)"
        said.append(f"{_load(load.group).capitalize()}{served}, {what}.")
    if all(load.group.rate is not None for load in recommendation.loads):
        said.append("Back-to-back load was not tried: add the arrivals `closed` to the study.")
    elif recommendation.spinning_never_wins:
        said.append("At no load that was tried does a configuration that spins win.")
    return said


def _turn(turn: Turn) -> str:
    between = f"{turn.above:.3g} and {turn.below:.3g} requests a second"
    if turn.rate is None:
        return f"Somewhere between {between}, {turn.rival.label} becomes the choice: spinning wins there."
    return (
        f"Spinning wins from about {turn.rate:.3g} requests a second on: there, {turn.rival.label} costs as "
        f"much (by a line through what was measured at {between})."
    )


def _how_to_get_there(recommendation: Recommendation, nearest: Candidate) -> list[str]:
    if nearest.p95_ms and nearest.p95_ms.low <= recommendation.target.p95_ms:
        return ["It may meet the target: more repeats or longer ones would tell."]
    if nearest.p95_ms is None:
        return []
    missing = nearest.p95_ms.estimate / recommendation.target.p95_ms
    return [f"Its p95 is {number(missing)} times the target: look at the model, the machine or the limit."]


def _too_few(recommendation: Recommendation) -> str:
    if all(candidate.overloaded for candidate in recommendation.decision.ranked):
        return "none could serve all requests"
    most = max(
        (candidate.requests // candidate.repeats for candidate in recommendation.decision.ranked), default=0
    )
    return f"a p95 needs {NEEDED['p95']} requests in each repeat, and there were {most}"
