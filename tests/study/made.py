"""Made-up studies: cells with the latencies and CPU times that a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.run.directory import RunDirectory
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.limit import Limit
from profiler.spec.study import Study
from profiler.spec.workload import Arrivals, Workload
from profiler.study.cells import cell_key
from profiler.study.measured import Measured
from profiler.study.results import Cell, StudyResults
from profiler.study.study_record import ScheduledRun, State, StudyCell, StudyDirectory, StudyRecord
from tests.summaries import made_summary, throttled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.summary import Summary

REQUESTS = 100


@dataclass(frozen=True)
class Made:
    """A cell: each repeat's latencies spread a little around a level, as do CPU times."""

    configuration: str = "spin-on"
    latency_ms: float = 5.0
    cpu_ms: float = 10.0
    cpus: float | None = None
    model: str = "minilm"
    rate: float = 1.0
    arrivals: Arrivals = Arrivals.FIXED
    repeats: int = 3
    requests: int = REQUESTS
    spread: float = 0.02
    unserved: int = 0
    throttled: float = 0.0
    failures: tuple[str, ...] = ()
    summary: Summary | None = field(default_factory=made_summary)

    def study_cell(self) -> StudyCell:
        return StudyCell(
            configuration=SessionConfiguration(name=self.configuration),
            workload=Workload(
                model=self.model,
                model_path=f"{self.model}.onnx",
                weights="synthetic",
                rate=self.rate,
                arrivals=self.arrivals,
            ),
            limit=None if self.cpus is None else Limit(cpus=self.cpus),
        )

    def cell(self, seed: int) -> Cell:
        planned = self.study_cell()
        generator = np.random.default_rng(seed)
        return Cell(
            key=cell_key(planned),
            configuration=planned.configuration,
            workload=planned.workload,
            measured=tuple(self._measured(generator) for _ in range(self.repeats)),
            rounds=tuple(range(self.repeats)),
            profiled=RunDirectory(Path(f"runs/{self.configuration}-{seed}")) if self.summary else None,
            summary=self.summary,
            failures=self.failures,
            refused=False,
        )

    def _measured(self, generator: np.random.Generator) -> Measured:
        def around(level: float) -> np.ndarray[Any, np.dtype[np.float64]]:
            return np.asarray(level * np.exp(self.spread * generator.standard_normal(self.requests)))

        stopped = None if self.cpus is None else throttled(throttled_periods=round(100 * self.throttled))
        return Measured(
            run=RunDirectory(Path("runs/r")),
            run_id="r",
            latency_ms=around(self.latency_ms),
            cpu_ms=around(self.cpu_ms),
            cpu_ms_per_request=self.cpu_ms,
            cpu_percent=self.cpu_ms * self.rate / 10,
            seconds=self.requests / self.rate,
            throttled=stopped,
            unserved=self.unserved,
        )


def make_results(made: Sequence[Made], *, state: State = State.DONE, **changes: Any) -> StudyResults:
    """Return the results of a study of these cells."""
    cells = tuple(one.cell(seed) for seed, one in enumerate(made))
    values: dict[str, Any] = {"name": "made", "configs": tuple(one.configuration for one in made)}
    record = StudyRecord(
        created="2026-01-01T00:00:00Z",
        ortprof="0.1.0",
        python="python",
        ort_version="1.31.1",
        study=Study(**(values | changes)),
        cells=[one.study_cell() for one in made],
        schedule=[
            ScheduledRun(cell=position, round=number, state=state, run_id="r")
            for position, one in enumerate(made)
            for number in range(one.repeats)
        ],
    )
    return StudyResults(StudyDirectory(Path("20260101T000000Z-study-made")), record, cells)
