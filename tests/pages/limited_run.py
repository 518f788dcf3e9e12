"""An analysis of a run under a CPU limit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import msgspec

from profiler.run.throttling import CpuStat, Period, Throttling
from profiler.spec.limit import Limit
from tests.pages.support import MS, STARTS, spinning

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis

BEGIN = STARTS["profile"]

PERIODS = ((100, 9.9, True), (200, 10.4, True), (1000, 2.5, False), (1050, 6.0, False))
"""(end, CPU time used, throttled), in ms from the phase's begin."""

STRETCHES = ((30, 100), (115, 200))


def limited(
    periods: tuple[tuple[float, float, bool], ...] = PERIODS,
    stretches: tuple[tuple[float, float], ...] = STRETCHES,
) -> Analysis:
    """Return an analysis of a run under a limit of 0.1 CPU."""
    analysis = spinning().analysis()
    assert analysis.profile is not None
    none = CpuStat(0, 0, 0)
    throttling = Throttling(
        begin=none,
        end=none,
        tick_ns=5 * MS,
        stretches=[(round(BEGIN + begin * MS), round(BEGIN + end * MS)) for begin, end in stretches],
        periods=[Period(round(BEGIN + end * MS), round(cpu * MS), hit) for end, cpu, hit in periods],
    )
    manifest = msgspec.structs.replace(analysis.manifest, limit=Limit(cpus=0.1))
    return dataclasses.replace(
        analysis,
        recorded=dataclasses.replace(analysis.recorded, manifest=manifest),
        profile=dataclasses.replace(analysis.profile, throttling=throttling),
    )
