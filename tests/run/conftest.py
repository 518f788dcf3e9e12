"""summary.json of real runs, as files hold it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from profiler.attribution.analyse import analyse
from profiler.attribution.assemble import assemble
from profiler.run.cpu_budget import Cpus
from profiler.run.directory import RunDirectory
from profiler.run.throttling import CpuStat, Throttling
from profiler.spec.container import Container, EngineName
from profiler.spec.limit import Limit
from tests.pages.support import Made
from tests.run.loaded import loaded
from tests.summaries import written

if TYPE_CHECKING:
    from profiler.run.records import Recorded
    from profiler.run.summary import Summary

TESTS = Path(__file__).resolve().parents[1]
REAL = {
    "spin-on": TESTS / "pages" / "data" / "spin-on",
    "operators": TESTS / "pages" / "data" / "spin-off",
    "compared spin-on": TESTS / "study" / "data" / "spin-on",
    "compared spin-off": TESTS / "study" / "data" / "spin-off",
    "with symbols": TESTS / "study" / "data" / "spin-on-1.12.1",
}
"""Runs that tests keep (tests/pages/data/refresh.py)."""


@pytest.fixture(scope="session")
def documents() -> dict[str, dict[str, Any]]:
    """Return summary.json of each real run; of one as if under a limit, in a container; of one cut short."""
    summaries = {name: analyse(RunDirectory(path)).summary for name, path in REAL.items()}
    summaries["limited"] = _limited(REAL["compared spin-on"])
    summaries["stopped"] = Made(phases=("measure",), changes={"complete": False}).analysis().summary
    return {name: written(made) for name, made in summaries.items()}


def _limited(path: Path) -> Summary:
    made = loaded(path)
    return assemble(dataclasses.replace(made, recorded=_throttled(made.recorded))).summary


def _throttled(recorded: Recorded) -> Recorded:
    """Return the records as if each phase had stood still for 50 ms of its first 100."""

    def throttling(phase: str) -> Throttling:
        begin = recorded.counters[phase].begin.time_ns
        stretch = (begin + 50_000_000, begin + 100_000_000)
        return Throttling(
            begin=CpuStat(0, 0, 0), end=CpuStat(9, 1, 50_000_000), tick_ns=1_000_000, stretches=[stretch]
        )

    counters = {
        phase: msgspec.structs.replace(counted, throttling=throttling(phase))
        for phase, counted in recorded.counters.items()
    }
    manifest = msgspec.structs.replace(
        recorded.manifest,
        limit=Limit(cpus=0.5),
        cpus=Cpus(allowed=[0, 1], quota=0.5, threads=3, escaped=[7]),
        container=Container(
            engine=EngineName.PODMAN, version="4.3.1", rootless=True, image="ortprof", image_id="c2f3d0"
        ),
    )
    return dataclasses.replace(recorded, manifest=manifest, counters=counters)
