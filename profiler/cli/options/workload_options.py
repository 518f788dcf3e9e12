"""What a workload is: the options that say so, and the value that they make."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import PHASES, WORKLOAD
from profiler.cli.options.numbers import dims, number
from profiler.errors import UsageError
from profiler.spec.ranges import RATE, SECONDS, SEED, SIZE
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from profiler.spec.inputs import Inputs, Lengths
    from profiler.spec.workload import Workload

Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME|FILE",
        help="A name from `ortprof models`, or an .onnx file.",
        rich_help_panel=WORKLOAD,
    ),
]
Rate = Annotated[
    float,
    typer.Option(
        "--rate", metavar="R", parser=number(RATE), help="Requests a second.", rich_help_panel=WORKLOAD
    ),
]
ArrivalsOption = Annotated[
    Arrivals,
    typer.Option(
        "--arrivals",
        help="fixed and poisson are open loop; closed is back to back.",
        rich_help_panel=WORKLOAD,
    ),
]
Batch = Annotated[
    int,
    typer.Option(
        "--batch",
        metavar="N",
        parser=number(SIZE),
        help="Size of the batch dimension.",
        rich_help_panel=WORKLOAD,
    ),
]
Dims = Annotated[
    list[str] | None,
    typer.Option(
        "--dim", metavar="NAME=SIZE", help="Size of one symbolic dimension.", rich_help_panel=WORKLOAD
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        parser=number(SEED),
        help="For poisson arrivals and made-up inputs.",
        rich_help_panel=WORKLOAD,
    ),
]
Warmup = Annotated[
    float,
    typer.Option(
        "--warmup",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds before measuring.",
        rich_help_panel=PHASES,
    ),
]
Measure = Annotated[
    float,
    typer.Option(
        "--measure",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds with nothing attached.",
        rich_help_panel=PHASES,
    ),
]
Profile = Annotated[
    float,
    typer.Option(
        "--profile",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds with perf attached.",
        rich_help_panel=PHASES,
    ),
]
Operators = Annotated[
    bool,
    typer.Option(
        "--operators",
        help="A further phase as long as --profile, with ONNX Runtime's own profiler: time by operator.",
        rich_help_panel=PHASES,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadOptions:
    """The options of a workload, as they were given."""

    model: str
    rate: float
    arrivals: Arrivals
    tokens: Lengths
    batch: int
    dims: list[str] | None
    inputs: Inputs
    seed: int
    warmup: float
    measure: float
    profile: float
    operators: bool

    def prepare(self) -> Workload:
        """Find or build the model and return the workload.

        `UsageError` for values that make none, before a model is built; other errors are those of
        `profiler.models.prepare.resolve`.
        """
        from profiler.cli.terminal.console import model_progress
        from profiler.models.prepare import resolve

        if self.operators and not self.profile:
            raise UsageError(
                "--operators wants a profile phase, and --profile is 0", hint="leave --profile away"
            )
        self._with_model(self.model, Path(self.model), "")
        with model_progress() as progress:
            prepared = resolve(self.model, progress=progress)
        return self._with_model(prepared.name, prepared.path, prepared.weights)

    def _with_model(self, name: str, path: Path, weights: str) -> Workload:
        from profiler.spec.workload import make_workload

        return make_workload(
            model=name,
            model_path=os.path.realpath(path),
            weights=weights,
            batch=self.batch,
            tokens=self.tokens.least,
            most_tokens=self.tokens.most,
            dims=dims(self.dims or []),
            inputs=self.inputs,
            arrivals=self.arrivals,
            rate=self.rate,
            seed=self.seed,
            warmup_seconds=self.warmup,
            measure_seconds=self.measure,
            profile_seconds=self.profile,
            operators_seconds=self.profile if self.operators else 0.0,
        )
