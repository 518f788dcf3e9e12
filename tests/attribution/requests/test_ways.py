"""What makes requests exact depends on what a process runs."""

from __future__ import annotations

import pytest

from profiler.attribution.requests.ways import ways_to_exact
from profiler.run.attached import MappedRuntime, Origin, Target
from profiler.run.cpu_budget import Cpus

MARKS, PROBES = "ortprof marks", "--probes"


def target(origin: Origin, symbols: str = "none") -> Target:
    runtime = MappedRuntime("/x.so", origin, "1.30.0", None, symbols)
    return Target(
        pid=1, parent=1, command="x", threads=2, cpus=Cpus(allowed=[0], threads=1), runtimes=[runtime]
    )


@pytest.mark.parametrize(
    ("origin", "symbols", "ways"),
    [
        (Origin.WHEEL, "none", {MARKS}),
        (Origin.WHEEL, "symtab", {MARKS, PROBES}),
        (Origin.NODE, "none", {PROBES}),
        (Origin.JAVA, "none", {PROBES}),
        (Origin.LIBRARY, "none", {MARKS, PROBES}),
        (Origin.BUILT_IN, "none", {MARKS}),
    ],
)
def test_the_ways_of_a_process(origin: Origin, symbols: str, ways: set[str]) -> None:
    said = ways_to_exact([target(origin, symbols)])
    assert {way for way in (MARKS, PROBES) if way in said} == ways


def test_of_several_each_has_its_way_and_of_none_marks_are() -> None:
    both = ways_to_exact([target(Origin.WHEEL), target(Origin.NODE)])
    assert MARKS in both
    assert PROBES in both
    assert PROBES not in ways_to_exact([])
