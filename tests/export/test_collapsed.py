from __future__ import annotations

import io
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from profiler.export.formats import Format
from tests.pages.support import POOL, THREAD, Made, Sample, spinning

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis, Profile

LINE = re.compile(r"^(.*) (\d+\.\d{3})$")


def exported(profile: Profile) -> list[tuple[list[str], int]]:
    """Read the format back: the frames of each line, and its nanoseconds."""
    out = io.BytesIO()
    Format.COLLAPSED.exporter().write(profile, out)
    rows = []
    for line in out.getvalue().decode().splitlines():
        found = LINE.match(line)
        assert found is not None
        rows.append((found[1].split(";"), int(found[2].replace(".", ""))))
    return rows


def test_real_lines_sum_to_the_summary_by_kind(analysis: Analysis) -> None:
    assert analysis.profile is not None
    rows = exported(analysis.profile)
    by_kind: defaultdict[str, int] = defaultdict(int)
    for frames, ns in rows:
        by_kind[frames[-1]] += ns
    cpu = analysis.profile.attribution.cpu_ns_by_kind()
    assert sum(ns for _, ns in rows) == round(sum(cpu.values()))
    for kind, cpu_ns in cpu.items():
        assert by_kind[f"[{kind.value}]"] == pytest.approx(cpu_ns, abs=len(rows))
    assert len({tuple(frames) for frames, _ in rows}) == len(rows)


def test_hostile_names_stay_one_frame() -> None:
    made = spinning()
    made.samples += [Sample(500, POOL[0], (THREAD, ("a;b\nc \x1b[31m 7.000", "/x")))]
    profile = made.analysis().profile
    assert profile is not None
    frames = [
        frames for frames, _ in exported(profile) if any("\N{REPLACEMENT CHARACTER}" in f for f in frames)
    ]
    assert [len(row) for row in frames] == [3]


def test_an_empty_profile_is_an_empty_file() -> None:
    profile = Made().analysis().profile
    assert profile is not None
    assert exported(profile) == []


@pytest.mark.parametrize("form", Format)
def test_each_format_has_an_exporter_and_an_ending(form: Format) -> None:
    assert form.exporter().suffix.startswith(".")
