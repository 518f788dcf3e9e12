"""A whole comparison: everything that its page, its table in the terminal and its JSON document show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.observer import disturbance
from profiler.findings.thresholds import ENOUGH_SAMPLES, FEW_SAMPLES
from profiler.run.summary import available
from profiler.study import identity
from profiler.study.compare import comparable, tables, trade
from profiler.study.compare.compared import CPU, ComparedFigure, basis, figures, told
from profiler.study.compare.matching import Matching, matching
from profiler.study.compare.merged import MergedChains, merge_cpu, merge_waits
from profiler.study.intervals import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.run.kinds import Role
    from profiler.study.compare.sides import Pair, Side
    from profiler.study.compare.tables import PairedTime
    from profiler.study.identity import Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """`after` against `before`; the sections that a side has no data for are empty or None."""

    pair: Pair
    headline: str
    details: tuple[str, ...]
    """What the profile phases show; where perf disturbed a side, that is said first."""
    cautions: tuple[str, ...]
    """What a reader must keep in mind, the most important first."""
    differences: list[Difference]
    common: list[tuple[str, str]]
    figures: list[ComparedFigure]
    basis: Basis | None
    cpu: list[PairedTime]
    parts: list[PairedTime]
    meanwhile: list[PairedTime]
    waits: dict[Role, list[PairedTime]]
    on_cpu: MergedChains | None
    off_cpu: MergedChains | None
    matching: Matching


def compare_pair(pair: Pair) -> Comparison:
    """Compare two sides; pure."""
    before, after = (side.analysis for side in pair.sides)
    named = matching(
        same_build=comparable.same_build(before.manifest, after.manifest),
        named=comparable.both_named(before.manifest, after.manifest),
    )
    compared = figures(pair)
    rests_on = basis(compared)
    changed = identity.differences(before.manifest, after.manifest)
    cpu, parts, meanwhile = (
        tables.cpu_by_kind(pair),
        tables.request_by_part(pair),
        tables.meanwhile(pair),
    )
    sentences = (*_disturbances(pair), trade.cpu_sentence(cpu), trade.latency_sentence(parts, meanwhile))
    return Comparison(
        pair=pair,
        headline=trade.headline(pair.after.label, pair.before.label, compared),
        details=tuple(sentence for sentence in sentences if sentence),
        cautions=tuple(_cautions(pair, rests_on, changed, compared)),
        differences=changed,
        common=identity.common(before.manifest, after.manifest),
        figures=compared,
        basis=rests_on,
        cpu=cpu,
        parts=parts,
        meanwhile=meanwhile,
        waits=tables.waits_in_requests(pair),
        on_cpu=merge_cpu(before, after, named.name),
        off_cpu=merge_waits(before, after, named.name),
        matching=named,
    )


def _disturbances(pair: Pair) -> Iterator[str]:
    for side in pair.sides:
        disturbed = disturbance(side.analysis.summary)
        if disturbed is not None:
            yield f"{side.label}: {disturbed}"


def _power(compared: Sequence[ComparedFigure]) -> Iterator[str]:
    """Say how small a change would have been found."""
    smallest = [
        f"{_size(figure.ratio.smallest_found)} of {'CPU time' if figure.name == CPU else 'latency'}"
        for figure in told(compared)
        if figure.ratio is not None
    ]
    if smallest:
        yield f"Such a comparison finds 9 in 10 changes of {' and '.join(smallest)}; of smaller ones, fewer."


def _size(change: float) -> str:
    """Return a change as percent; where that would be a long figure, as how many times as much it makes."""
    return formats.percent(change) if change <= 1 else f"{formats.number(1 + change)} times as much"


def _cautions(
    pair: Pair,
    rests_on: Basis | None,
    differences: Sequence[Difference],
    compared: Sequence[ComparedFigure],
) -> Iterator[str]:
    if pair.variation is not None and rests_on is Basis.MACHINE:
        yield (
            f"One run each: intervals take it that runs of one thing vary {pair.variation.words}; "
            "`ortprof sweep` repeats both in turns and tells."
        )
    yield from (difference.caution for difference in differences if difference.caution)
    if rests_on is Basis.REPEATS:
        counts = sorted({len(side.measured) for side in pair.sides})
        yield (
            f"Intervals rest on {' and '.join(map(str, counts))} repeats each, run in turns ({pair.study}); "
            "what the profile phase shows rests on one run each."
        )
    yield from _power(compared)
    for side in pair.sides:
        yield from _doubts(side)


def _doubts(side: Side) -> Iterator[str]:
    summary = side.analysis.summary
    unserved = sum(repeat.unserved for repeat in side.measured)
    if unserved:
        yield (
            f"{side.label}: {formats.count(unserved, 'request')} that were due never started. The service "
            "was overloaded: its latencies would grow with the length of the run."
        )
    perf = available(summary.perf)
    if perf is None:
        yield f"{side.label} has no profile: what rests on one is left out."
    elif perf.samples < ENOUGH_SAMPLES:
        few = "too few to tell much" if perf.samples < FEW_SAMPLES else "shares are rough"
        yield f"{side.label}: {formats.count(perf.samples, 'sample')} in the profile phase, {few}."
