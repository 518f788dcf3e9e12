"""Tables that fit their terminal: names shorten with …, as far as they are told apart; figures never do.

What has no room is left out, and named below. Without a terminal there is room for all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from profiler.findings.formats import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderableType

GAP = 2
"""Columns of the terminal between two of a table's."""
LEAST_NAME, LEAST_PROSE = 14, 20
"""Characters of a name, and of a line of prose, below which it says nothing any more."""
LEAST_OF_WORDS = 4
"""Characters to which names and prose give way where figures would be cut else."""


def _cut_end(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(0, width - 1)).rstrip()}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: figures and words are shown whole, names shorten, prose breaks into lines."""

    title: str
    right: bool = True
    shortens: bool = False
    breaks: bool = False
    rank: int = 0
    """The higher, the sooner it is left out; 0: never."""
    least_name: int = LEAST_NAME
    fit: Callable[[str, int], str] = _cut_end
    """How a name shortens to a width."""
    widths: tuple[int, int] | None = None
    """The least and the most, for cells that fill what they get: bars."""

    def least(self, cells: list[RenderableType]) -> int:
        """Return the width below which it makes no sense; titles break between words."""
        if self.widths:
            return self.widths[0]
        if self.breaks:
            return min(LEAST_PROSE, self.most(cells))
        if self.shortens:
            return self._told_apart(cells)
        return max([*map(_length, cells), *(cell_len(word) for word in self.title.split())], default=0)

    def _told_apart(self, cells: list[RenderableType]) -> int:
        """Return the least width at which no two names look alike."""
        names = {str(cell) for cell in cells}
        most = self.most(cells)
        widths = range(min(self.least_name, most), most)
        return next(
            (width for width in widths if len({self.fit(one, width) for one in names}) == len(names)), most
        )

    def most(self, cells: list[RenderableType]) -> int:
        """Return the width that shows all."""
        return self.widths[1] if self.widths else max([*map(_length, cells), cell_len(self.title)])


def figure(title: str, rank: int = 0) -> Column:
    """Return a column of figures."""
    return Column(title=title, rank=rank)


def word(title: str, rank: int = 0) -> Column:
    """Return a column of words that are shown whole."""
    return Column(title=title, right=False, rank=rank)


def name(
    title: str, rank: int = 0, least: int = LEAST_NAME, fit: Callable[[str, int], str] = _cut_end
) -> Column:
    """Return a column of names, which keep `least` characters; `fit` shortens one to a width."""
    return Column(title=title, right=False, shortens=True, rank=rank, least_name=least, fit=fit)


def prose(title: str, rank: int = 0) -> Column:
    """Return a column of sentences."""
    return Column(title=title, right=False, breaks=True, rank=rank)


@dataclass(slots=True)
class FittedTable:
    """Rows under columns, laid out when the width is known."""

    columns: list[Column]
    rows: list[tuple[RenderableType, ...]] = field(default_factory=list)

    def add(self, *cells: RenderableType) -> None:
        """Add a row; a short one is filled up with nothing. Only prose has line breaks."""
        fit = (
            one_line(cell) if isinstance(cell, str) and not column.breaks else cell
            for column, cell in zip(self.columns, cells, strict=False)
        )
        self.rows.append((*fit, *([""] * (len(self.columns) - len(cells)))))

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType | Segment]:
        """Lay it out in the width that there is."""
        columns = [(column, [row[at] for row in self.rows]) for at, column in enumerate(self.columns)]
        kept = _that_fit(columns, options.max_width)
        titled = any(column.title for column, _ in kept)
        widths = _widths(kept, options.max_width)
        table = Table(box=None, pad_edge=False, header_style="bold", show_header=titled)
        for (column, _), width in zip(kept, widths, strict=True):
            table.add_column(
                Text(column.title, no_wrap=False, overflow="fold"),
                width=width,
                justify="right" if column.right else "left",
                no_wrap=column.shortens,
                overflow="fold" if column.breaks else "ellipsis",
            )
        shown = [
            [_fitted(cell, column, width) for cell in cells]
            for (column, cells), width in zip(kept, widths, strict=True)
        ]
        for row in zip(*shown, strict=True):
            table.add_row(*row)
        yield from _without_blanks_at_the_end(console.render(table, options))
        gone = [column.title for column, cells in columns if (column, cells) not in kept and column.title]
        if gone:
            yield Text(f"no room here for: {', '.join(gone)}", style="dim")


def _without_blanks_at_the_end(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Yield a table's segments but for the blanks that fill up its last column, wide in a pipe."""
    for line in Segment.split_lines(segments):
        while line and not line[-1].text.strip(" "):
            line.pop()
        yield from line[:-1]
        if line:
            yield Segment(line[-1].text.rstrip(" "), line[-1].style)
        yield Segment.line()


def _fitted(cell: RenderableType, column: Column, width: int) -> RenderableType:
    if column.shortens and isinstance(cell, (str, Text)) and _length(cell) > width:
        return Text(column.fit(str(cell), width), cell.style if isinstance(cell, Text) else "")
    return Text(cell) if isinstance(cell, str) else cell


def _length(cell: RenderableType) -> int:
    return cell_len(str(cell)) if isinstance(cell, (str, Text)) else 0


def _that_fit(
    columns: list[tuple[Column, list[RenderableType]]], width: int
) -> list[tuple[Column, list[RenderableType]]]:
    kept = list(columns)
    while sum(column.least(cells) + GAP for column, cells in kept) - GAP > width:
        least_wanted = max(kept, key=lambda each: each[0].rank)
        if not least_wanted[0].rank:
            break
        kept.remove(least_wanted)
    return kept


def _widths(kept: list[tuple[Column, list[RenderableType]]], width: int) -> list[int]:
    """Give each column its least, then what is left to names, then to titles in one line.

    Where even that is too much, names and prose give way.
    """
    widths = [column.least(cells) for column, cells in kept]
    left = width - sum(widths) - GAP * (len(kept) - 1)
    for at, (column, _) in enumerate(kept):
        if left < 0 and (column.shortens or column.breaks):
            less = min(-left, max(0, widths[at] - LEAST_OF_WORDS))
            widths[at] -= less
            left += less
    for at in sorted(range(len(kept)), key=lambda at: (not kept[at][0].shortens, not kept[at][0].breaks)):
        more = max(0, min(left, kept[at][0].most(kept[at][1]) - widths[at]))
        widths[at] += more
        left -= more
    return widths
