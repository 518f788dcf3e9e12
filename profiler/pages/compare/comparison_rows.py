"""What the page's template shows of a comparison: text and geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.function_names import PLACE, below_kernel, shorten
from profiler.findings.vocabulary import (
    KIND_MEANINGS,
    MEANWHILE_MEANINGS,
    MEANWHILE_NAMES,
    PART_MEANINGS,
    PART_NAMES,
    PART_PATTERNS,
    ROLE_NAMES,
    WAIT_MEANINGS,
    WAIT_PATTERNS,
)
from profiler.pages.chart.bars import Bar, BarPart
from profiler.run.kinds import Kind, Meanwhile, Part, Role, Wait
from profiler.study.compare.trade import change, interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from profiler.study.compare.changes import Change
    from profiler.study.compare.compared import ComparedFigure
    from profiler.study.compare.tables import PairedTime

MOST_CHANGES = 12
BRIEF = 3
"""Functions of a chain that its row shows before it is opened."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A figure of both sides."""

    name: str
    before: str
    after: str
    difference: str
    change: str
    interval: str
    trend: str
    """`grows`, `shrinks`, `chance`, or empty where nothing is known."""
    why: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A part of the time, in milliseconds a request."""

    name: str
    meaning: str
    pattern: str
    """Empty without one."""
    before: str
    after: str
    difference: str
    chance: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A function or a chain that grew or shrank; the bar's x and width in percent, 50 is no change."""

    name: str
    library: str
    functions: tuple[str, ...]
    """Of a chain, innermost first."""
    kind: str
    pattern: str
    before: str
    after: str
    difference: str
    x: float
    width: float
    trend: str


def figure_rows(figures: Sequence[ComparedFigure]) -> list[ComparedRow]:
    """Return the table of figures."""

    def value(of: float | None, unit: str) -> str:
        return formats.NOTHING if of is None else f"{formats.number(of)} {unit}".rstrip()

    def difference(figure: ComparedFigure) -> str:
        if figure.difference is None:
            return formats.NOTHING
        unit = "points" if figure.unit == "%" else figure.unit
        return f"{formats.signed(figure.difference)} {unit}".rstrip()

    def row(figure: ComparedFigure) -> ComparedRow:
        ratio = figure.ratio
        trend = "" if ratio is None else _trend(ratio.estimate - 1, chance=not figure.significant)
        return ComparedRow(
            figure.name,
            value(figure.before, figure.unit),
            value(figure.after, figure.unit),
            difference(figure),
            "" if ratio is None else change(ratio.estimate),
            "" if ratio is None else interval(ratio),
            trend,
            figure.why,
        )

    return [row(figure) for figure in figures]


def kind_rows(lines: Sequence[PairedTime]) -> list[LineRow]:
    """Return CPU time by kind; like all of these rows, those that some side has any of."""
    return [_row(line, line.key, KIND_MEANINGS[Kind(line.key)], line.key) for line in lines if any(line.ms)]


def part_rows(lines: Sequence[PairedTime]) -> list[LineRow]:
    """Return a request's time by what the calling thread did."""
    return [
        _row(line, PART_NAMES[Part(line.key)], PART_MEANINGS[Part(line.key)], _part_pattern(line.key))
        for line in lines
        if any(line.ms)
    ]


def meanwhile_rows(lines: Sequence[PairedTime]) -> list[LineRow]:
    """Return what workers did while they were waited for."""
    return [
        _row(line, MEANWHILE_NAMES[Meanwhile(line.key)], MEANWHILE_MEANINGS[Meanwhile(line.key)], "")
        for line in lines
        if any(line.ms)
    ]


def wait_rows(waits: Mapping[Role, Sequence[PairedTime]]) -> dict[str, list[LineRow]]:
    """Return waits in requests by thread role."""
    return {
        ROLE_NAMES[role]: [
            _row(line, line.key, WAIT_MEANINGS[Wait(line.key)], WAIT_PATTERNS[Wait(line.key)])
            for line in lines
            if any(line.ms)
        ]
        for role, lines in waits.items()
        if any(any(line.ms) for line in lines)
    }


def _row(line: PairedTime, name: str, meaning: str, pattern: str) -> LineRow:
    return LineRow(
        name,
        meaning,
        pattern,
        formats.number(line.ms[0]),
        formats.number(line.ms[1]),
        formats.signed(line.difference),
        line.chance and bool(line.difference),
    )


def kind_bars(labels: Sequence[str], lines: Sequence[PairedTime]) -> list[Bar]:
    """Return both sides' CPU time a request as bars of one scale."""
    return _bars(labels, lines, lambda line: (line.key, line.key))


def part_bars(labels: Sequence[str], lines: Sequence[PairedTime]) -> list[Bar]:
    """Return both sides' mean request as bars of one scale."""
    return _bars(labels, lines, lambda line: (PART_NAMES[Part(line.key)], _part_pattern(line.key)))


def _bars(
    labels: Sequence[str], lines: Sequence[PairedTime], looks: Callable[[PairedTime], tuple[str, str]]
) -> list[Bar]:
    longest = max((sum(line.ms[side] for line in lines) for side in (0, 1)), default=0.0)
    bars = []
    for side, label in enumerate(labels):
        x, segments = 0.0, []
        for line in lines:
            width = 100 * line.ms[side] / longest if longest else 0.0
            if width > 0:
                name, pattern = looks(line)
                segments.append(BarPart(pattern, x, width, f"{name} {formats.ms(line.ms[side])}"))
            x += width
        bars.append(Bar(label, formats.ms(sum(line.ms[side] for line in lines)), tuple(segments)))
    return bars


def _part_pattern(part: str) -> str:
    return PART_PATTERNS.get(Part(part), part)


def change_rows(changes: Sequence[Change], patterns: Mapping[str, str]) -> list[ChangeRow]:
    """Return the largest changes; `patterns` is what each kind is drawn in."""
    shown = [changed for changed in changes if changed.difference_ms][:MOST_CHANGES]
    largest = max((abs(changed.difference_ms) for changed in shown), default=1.0)
    rows = []
    for changed in shown:
        width = 100 / 2 * abs(changed.difference_ms) / largest
        innermost = tuple(shorten(name) for name, _ in reversed(changed.functions))
        rows.append(
            ChangeRow(
                _brief(innermost),
                shorten(changed.functions[-1][1]),
                innermost,
                changed.kind,
                patterns[changed.kind],
                formats.number(changed.own_ms[0]),
                formats.number(changed.own_ms[1]),
                formats.signed(changed.difference_ms),
                100 / 2 - (width if changed.difference_ms < 0 else 0.0),
                width,
                _trend(changed.difference_ms, chance=changed.chance),
            )
        )
    return rows


def _brief(functions: tuple[str, ...]) -> str:
    """Return the program's part of a chain in short, behind the kernel function that it ended in, if any."""
    program = below_kernel(functions)
    ended_in = [] if program == functions else [f"{functions[0]} …"]
    return " ← ".join([*ended_in, *(PLACE.sub(r"\1", name) for name in program[:BRIEF])])


def _trend(difference: float, *, chance: bool) -> str:
    if chance or not difference:
        return "chance"
    return "grows" if difference > 0 else "shrinks"
