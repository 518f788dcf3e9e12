"""Records ONNX Runtime with a real model, through the same functions as `ortprof record`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.analyse import analyse
from profiler.models.prepare import resolve
from profiler.record.monitor import SILENT
from profiler.record.run import record
from profiler.record.run_spec import RunSpec
from profiler.run.directory import RunDirectory, complete_path, create_run, make_run_id
from profiler.spec import catalogue
from profiler.spec.workload import Workload
from tests.accuracy.wheels import environment

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.attribution.analysis import Analysis
    from tests.accuracy.wheels import Wheel

THREADS = 4


@dataclass(frozen=True, slots=True)
class Load:
    """What a session is asked to do."""

    rate: float
    """Requests a second."""
    tokens: int
    seconds: float


FREQUENCY_HZ = 997
LOW_LOAD = Load(rate=2.0, tokens=256, seconds=10.0)
"""Workers have long since stopped polling when the next request comes; requests are long enough that what
else runs on the machine does not decide how long joins poll."""
LEAST_SPIN_ON = 0.5
MOST_SPIN_OFF = 0.2
"""Shares of the CPU time that must be found as spin. Joins poll even with spinning off."""


def profile(wheel: Wheel, configuration: str, reports: Path, load: Load) -> tuple[RunDirectory, Analysis]:
    """Record MiniLM on a release and analyse it. Errors are those of `record` and `environment`."""
    return profile_with(environment(wheel), wheel.version, configuration, reports, load)


def profile_with(
    python: str, label: str, configuration: str, reports: Path, load: Load
) -> tuple[RunDirectory, Analysis]:
    """Record MiniLM with four threads on an interpreter's ONNX Runtime; `label` tells runs apart."""
    known = catalogue.load()
    model = resolve("minilm")
    chosen = known.find(configuration).adjusted(threads=THREADS, entries={})
    workload = Workload(
        model=model.name,
        model_path=str(model.path),
        weights=model.weights,
        tokens=load.tokens,
        rate=load.rate,
        warmup_seconds=1,
        measure_seconds=0,
        profile_seconds=load.seconds,
    )
    name = make_run_id(model.name, f"{chosen.label}-{label}", None)
    spec = RunSpec(chosen, workload, known.settings, python, FREQUENCY_HZ)
    with create_run(reports, name) as run:
        record(spec, run, SILENT)
        analysis = analyse(run)
    return RunDirectory(complete_path(run)), analysis
