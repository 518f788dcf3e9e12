"""The source of hot functions: which lines to show, and their text from the files on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from profiler import files
from profiler.listing.listing import SourceLine

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

HOTTEST = 12
"""Lines that are shown for their share."""
AROUND = 3
"""Lines shown before and after each of them."""
LONGEST_LOOP = 60
"""Lines of a loop that is shown whole."""
LARGEST_FILE = 4 << 20
"""Bytes of a file that is read."""
WIDEST = 200
"""Characters of a line that are kept."""
TAB = 4

LEFT_OUT = "left out (--no-source)"
ABSENT = "the file is not here; --source-root DIR says where the source tree is"


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Whether and where to look for source text."""

    root: Path | None = None
    """The source tree; None: where the compiler found the files."""
    include: bool = True


EVERYTHING = SourceOptions()
"""Source text wherever it is to be had."""


@dataclass(frozen=True, slots=True)
class SourceTree:
    """Reads source files, each once."""

    options: SourceOptions
    _read: dict[str, list[str] | None] = field(default_factory=dict)

    def text(self, file: str) -> list[str] | None:
        """Return a file's lines, made fit to show; None when it is not there."""
        if not self.options.include:
            return None
        if file not in self._read:
            self._read[file] = next(filter(None, map(_lines, self._candidates(file))), None)
        return self._read[file]

    @property
    def why_not(self) -> str:
        """Why there is no text."""
        return ABSENT if self.options.include else LEFT_OUT

    def _candidates(self, file: str) -> list[Path]:
        """Return where a file may be: under the root as much of its path as fits, the longest part first."""
        if self.options.root is None:
            return [Path(file)] if file.startswith("/") else []
        root = Path(os.path.realpath(self.options.root))
        parts = PurePosixPath(file.lstrip("/")).parts
        tried = (Path(os.path.realpath(root.joinpath(*parts[begin:]))) for begin in range(len(parts)))
        return [path for path in tried if path.is_relative_to(root)]


def _lines(path: Path) -> list[str] | None:
    try:
        text = files.read(path, LARGEST_FILE).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
    return [shown(line) for line in text.split("\n")]


def shown(line: str) -> str:
    """Return a line fit for a page and a terminal: no control characters, not too long."""
    plain = line.rstrip().expandtabs(TAB)
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in plain)
    return plain if len(plain) <= WIDEST else f"{plain[: WIDEST - 1]}…"


def choose_lines(
    own: Mapping[int, float], total: Mapping[int, float], loop: Collection[int], text: Sequence[str] | None
) -> list[SourceLine]:
    """Return the lines to show of a file, in order: the hottest, some around each, and the hot loop.

    `own` and `total` are shares of a function's CPU time, without and with what it called, by line of its
    source; `loop` are the lines of its hot loop. Without text there is nothing to read around the hottest.
    """
    heat = {line: max(own.get(line, 0.0), total.get(line, 0.0)) for line in {*own, *total}}
    hottest = sorted(filter(heat.get, heat), key=lambda line: (-heat[line], line))[:HOTTEST]
    chosen = set(hottest)
    if text is not None:
        for line in hottest:
            chosen.update(range(line - AROUND, line + AROUND + 1))
        if loop and max(loop) - min(loop) < LONGEST_LOOP:
            chosen.update(range(min(loop), max(loop) + 1))
        chosen &= set(range(1, len(text) + 1))
    ordered = sorted(chosen)
    return [
        SourceLine(
            line,
            own.get(line, 0.0),
            gap=bool(position) and ordered[position - 1] != line - 1,
            loop=line in loop,
            total=total.get(line, 0.0),
            text=None if text is None else text[line - 1],
        )
        for position, line in enumerate(ordered)
    ]
