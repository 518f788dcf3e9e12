"""What a workload is: the options that say so, and the value that they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profiler.cli.options.grouped_help import PHASES, WORKLOAD
from profiler.cli.options.numbers import dims, number
from profiler.errors import UsageError
from profiler.spec.ranges import RATE, SECONDS, SEED, SIZE
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.cli.options.model_options import ModelAsked
    from profiler.models.model_cache import PreparedModel
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.inputs import Inputs, Lengths
    from profiler.spec.workload import Workload

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
Neighbour = Annotated[
    bool,
    typer.Option(
        "--neighbour",
        help="A CPU-bound program on the same CPUs while measuring: what the service costs it.",
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

    models: list[ModelAsked]
    rate: float
    arrivals: Arrivals
    concurrency: int
    tokens: Lengths
    batch: int
    dims: list[str] | None
    inputs: Inputs
    seed: int
    global_pool: bool
    processes: int
    provider: str
    warmup: float
    measure: float
    profile: float
    operators: bool

    def prepare(self, configure: Callable[[ModelAsked], SessionConfiguration]) -> Workload:
        """Find or build the models and return the workload; `configure` makes a model's own configuration.

        `UsageError` for values that make none, before a model is built; other errors are those of
        `profiler.models.prepare.resolve`.
        """
        from profiler.cli.terminal.console import model_progress
        from profiler.models.model_cache import PreparedModel
        from profiler.models.prepare import resolve

        if self.operators and not self.profile:
            raise UsageError(
                "--operators wants a profile phase, and --profile is 0", hint="leave --profile away"
            )
        if self.operators and self.processes > 1:
            raise UsageError(
                "--operators profiles one process, and --processes is more",
                hint="leave one of them away: a worker's operators are those of a run with one",
            )
        self._with_models([PreparedModel(Path(asked.name), "", "", None) for asked in self.models], configure)
        with model_progress() as progress:
            prepared = [resolve(asked.name, progress=progress) for asked in self.models]
        return self._with_models(prepared, configure)

    def _with_models(
        self, prepared: list[PreparedModel], configure: Callable[[ModelAsked], SessionConfiguration]
    ) -> Workload:
        from profiler.spec.provider import parse_provider
        from profiler.spec.workload import Companion, make_workload

        beside = [
            Companion(
                **self._load(asked, model, number),
                configuration=configure(asked) if asked.configures else None,
            )
            for number, (asked, model) in enumerate(zip(self.models, prepared, strict=True))
            if number
        ]
        return make_workload(
            **self._load(self.models[0], prepared[0], 0),
            dims=dims(self.dims or []),
            inputs=self.inputs,
            beside=beside,
            global_pool=self.global_pool,
            processes=self.processes,
            provider=parse_provider(self.provider),
            warmup_seconds=self.warmup,
            measure_seconds=self.measure,
            profile_seconds=self.profile,
            operators_seconds=self.profile if self.operators else 0.0,
        )

    def _load(self, asked: ModelAsked, model: PreparedModel, number: int) -> dict[str, Any]:
        from profiler.models.load_fields import load_fields

        return load_fields(
            model,
            number,
            tokens=asked.tokens or self.tokens,
            batch=asked.batch or self.batch,
            arrivals=asked.arrivals or self.arrivals,
            rate=asked.rate or self.rate,
            concurrency=asked.concurrency or self.concurrency,
            seed=self.seed,
        )
