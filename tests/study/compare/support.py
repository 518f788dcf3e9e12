"""Made-up sides, through the real attribution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from profiler.run.directory import RunDirectory
from profiler.spec.configuration import SessionConfiguration
from profiler.study.compare.merged import MergedChain
from profiler.study.compare.sides import Pair, Side
from profiler.study.measured import Measured
from tests.hostile import MIXED
from tests.pages.support import POOL, THREAD, Made, Sample, spinning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Floats
    from profiler.run.sections.load_section import ThrottledFigures


def measured(
    latency_ms: Floats, cpu_ms: Floats | None = None, throttled: ThrottledFigures | None = None
) -> Measured:
    cpu = latency_ms if cpu_ms is None else cpu_ms
    return Measured(
        run=RunDirectory(Path("run")),
        run_id="run",
        latency_ms=latency_ms,
        cpu_ms=cpu,
        cpu_ms_per_request=float(np.mean(cpu)) if cpu.size else None,
        cpu_percent=1.0,
        seconds=10.0,
        throttled=throttled,
        unserved=0,
    )


def made_pair(
    before: Made,
    after: Made,
    *,
    repeats: tuple[Sequence[Measured], Sequence[Measured]] = ((), ()),
    labels: tuple[str, str] = ("before", "after"),
) -> Pair:
    """Return two made-up runs as the sides of a comparison, with these measurements."""
    sides = [
        Side(
            label,
            RunDirectory(Path(label)),
            made.analysis(),
            tuple(repeats[which]),
        )
        for which, (label, made) in enumerate(zip(labels, (before, after), strict=True))
    ]
    return Pair(sides[0], sides[1])


ROWS = st.lists(
    st.builds(
        MergedChain,
        st.lists(st.integers(0, 3), min_size=1, max_size=5).map(tuple),
        st.integers(0, 1),
        st.booleans(),
        st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)),
    ),
    max_size=30,
)


NO_PROFILE = Made(phases=("measure",), requests=[(0.0, 5.0)])


def hostile() -> Made:
    made = spinning()
    made.samples += [Sample(500 + i, POOL[0], (THREAD, (MIXED, f"/{MIXED}"))) for i in range(40)]
    made.changes = {"configuration": SessionConfiguration(name=MIXED, meaning=MIXED)}
    return made
