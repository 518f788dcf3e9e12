"""Slices of a recording, joined, are the recording."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.trace.joining import join
from tests.trace.parsed import parse
from tests.trace.plain_columns import plain

if TYPE_CHECKING:
    from profiler.trace.model import Trace

DATA = Path(__file__).parents[1] / "data" / "perf"
GOLDEN = [path for path in sorted(DATA.glob("*.script")) if not path.stem.startswith(("lost", "breaks"))]


def read(text: bytes) -> Trace:
    return parse(io.BytesIO(text))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
@pytest.mark.parametrize("parts", [1, 2, 5])
def test_parts_of_a_text_are_the_whole(path: Path, parts: int) -> None:
    text = path.read_bytes()
    ends = [match.end() for match in re.finditer(rb"\)\n\n|PERF_RECORD_SWITCH [^\n]*\n(?!\t)", text)]
    assert len(ends) > 4
    cuts = [0, *(ends[len(ends) * part // parts] for part in range(1, parts)), len(text)]
    slices = [read(text[start:end]) for start, end in itertools.pairwise(cuts)]
    whole = read(text)
    if np.all(np.diff(whole.samples.time_ns) >= 0) and np.all(np.diff(whole.switches.time_ns) >= 0):
        assert plain(join(slices)) == plain(whole)


def test_a_part_without_records_changes_nothing() -> None:
    whole = read(GOLDEN[0].read_bytes())
    empty = read(b"")
    assert plain(join([empty, whole, empty])) == plain(whole)


def test_losses_add_up() -> None:
    lost = read((DATA / "lost-perf6.1.187.script").read_bytes())
    assert lost.lost_samples > 0
    assert join([lost, lost]).lost_samples == 2 * lost.lost_samples
