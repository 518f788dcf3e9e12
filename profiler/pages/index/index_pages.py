"""The list of runs, divided: a folder of any size is listed by pages of a few hundred, each one file.

Pages are filled from the oldest entry on, so that a full one stays as it is when runs are added; the last,
index.html, has the latest. One that is there is written again only where what it lists has changed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from profiler import files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from profiler.run.runs import Entry

INDEX = "index.html"
PAGE_ENTRIES = 200
"""Runs and studies of a full page; the last has up to twice as many, so that it never shows but a few."""
HEAD_BYTES = 4096
"""Of a page, where its stamp is."""
STAMP = re.compile(rb'<meta name="ortprof-index" content="([0-9a-f]{32})">')
OLDER = re.compile(r"index-[0-9]+\.html")
UTC = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One page."""

    name: str
    number: int
    """From 1, which has the oldest."""
    of: int
    entries: Sequence[Entry]
    """The oldest first."""

    @property
    def newer(self) -> str:
        """The page after this one, empty for the last."""
        return "" if self.number == self.of else page_name(self.number + 1, self.of)

    @property
    def older(self) -> str:
        """The page before this one, empty for the first."""
        return "" if self.number == 1 else page_name(self.number - 1, self.of)

    @property
    def span(self) -> str:
        """From when to when its entries are; it has some."""
        first, last = (_when(entry.name) for entry in (self.entries[0], self.entries[-1]))
        return first if first == last else f"{first} \N{EN DASH} {last}"

    @property
    def stamp(self) -> str:
        """A digest of what it lists and where it leads, as this version makes it."""
        names = (entry.name for entry in self.entries)
        listed = "\n".join((version("ortprof"), self.newer, self.older, *names))
        return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def divided(entries: Sequence[Entry]) -> list[IndexPage]:
    """Return the pages for entries, the oldest first; one without entries where there are none."""
    of = max(1, len(entries) // PAGE_ENTRIES)
    starts = [number * PAGE_ENTRIES for number in range(of)]
    ends = [*starts[1:], len(entries)]
    return [
        IndexPage(page_name(number, of), number, of, entries[start:end])
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def page_name(number: int, of: int) -> str:
    """Return the file of a page."""
    return INDEX if number == of else f"index-{number}.html"


def is_current(path: Path, page: IndexPage) -> bool:
    """Whether what stands at `path` is this page, and none of its entries changed since it was written."""
    try:
        with files.open_regular(path) as file:
            stamp = STAMP.search(file.read(HEAD_BYTES))
        written = path.stat().st_mtime_ns
    except OSError:
        return False
    return (
        stamp is not None
        and stamp[1].decode() == page.stamp
        and all(entry.changed_ns < written for entry in page.entries)
    )


def surplus(reports: Path, of: int) -> list[Path]:
    """Return earlier pages of a folder that has only so many any more."""
    names = {page_name(number, of) for number in range(1, of + 1)}
    return [
        path
        for path in reports.glob("index-*.html")
        if OLDER.fullmatch(path.name) and path.name not in names and (path.is_symlink() or not path.is_dir())
    ]


def _when(name: str) -> str:
    """Return the day and time that an entry's name begins with; the name where it does not."""
    utc = UTC.match(name)
    return name if utc is None else "{}-{}-{} {}:{}".format(*utc.groups())
