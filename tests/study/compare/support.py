"""Made-up sides, through the real attribution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.runs import RunDirectory
from profiler.study.compare.sides import Pair, Side
from profiler.study.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.bootstrap import FloatArray
    from tests.report.support import Made


def measured(
    latency_ms: FloatArray, cpu_ms: FloatArray | None = None, throttled: dict[str, Any] | None = None
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
