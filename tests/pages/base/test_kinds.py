"""Kinds of time on pages: every word of figures has a look."""

from __future__ import annotations

import re
from importlib.resources import files

from profiler.pages.base import kinds


def test_every_kind_that_is_drawn_has_a_colour_of_its_own() -> None:
    style = files("profiler.pages").joinpath("base/kinds.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", style))
    assert set(colours) == set(kinds.DRAWN)
    assert len(set(colours.values())) == len(colours)


def test_rules_name_each_kind_once() -> None:
    assert re.findall(r"\.k-([a-z-]+)\{", kinds.rules()) == list(kinds.DRAWN)
