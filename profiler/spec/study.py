"""A study's definition: which configurations, models, limits and loads to run, how often and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec

from profiler.spec import catalogue
from profiler.spec.configuration import SessionConfiguration, ThreadCount
from profiler.spec.inputs import Order, parse_inputs
from profiler.spec.ranges import BURST_MS, PERIOD_MS, PROCESSES
from profiler.spec.study_session import Callers, Count, Rate, StudySession, Tokens
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator

AtLeastOne = msgspec.Meta(min_length=1)
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=f"^{catalogue.NAME.pattern}$",
        description="a name of lower-case letters, digits, '.', '_' and '-'",
    ),
]
NO_LIMIT: Literal["none"] = "none"
Cpus = Annotated[float, msgspec.Meta(gt=0, le=1024)] | Literal["none"]
"""CPUs of a limit, or `none`."""
Processes = Annotated[int, msgspec.Meta(ge=PROCESSES.least, le=PROCESSES.most)]
Repeat = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
PositiveSeconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
SomeCallers = Callers | Annotated[tuple[Callers, ...], AtLeastOne]
SomeProcesses = Processes | Annotated[tuple[Processes, ...], AtLeastOne]
SomeTokens = Tokens | Annotated[tuple[Tokens, ...], AtLeastOne]
"""One of them, or several to be tried."""
One = TypeVar("One")


def each(value: One | tuple[One, ...]) -> tuple[One, ...]:
    """Return what is to be tried: several values as they are, one as the only one."""
    return value if isinstance(value, tuple) else (value,)


class PerModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one model does otherwise: models differ a hundredfold in what a request costs."""

    cpu_limits: Annotated[tuple[Cpus, ...], AtLeastOne] | None = None
    rates: Annotated[tuple[Rate, ...], AtLeastOne] | None = None
    arrivals: Annotated[tuple[Arrivals, ...], AtLeastOne] | None = None
    tokens: SomeTokens | None = None
    batch: Count | None = None
    concurrency: SomeCallers | None = None
    input: dict[str, str] | None = None
    inputs: str | None = None
    inputs_order: Order | None = None
    repeat: Repeat | None = None
    warmup_seconds: Seconds | None = None
    measure_seconds: PositiveSeconds | None = None
    profile_seconds: Seconds | None = None


class PerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is tried with one configuration instead: one request by four threads, or four by one each."""

    concurrency: SomeCallers


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody else measured for one configuration, to be shown beside the study's figures."""

    source: str
    config: str
    model: str
    cpu_limit: Cpus = NO_LIMIT
    cpu_percent: Annotated[float, msgspec.Meta(gt=0)]
    """Of one core."""
    latency_ms: Annotated[float, msgspec.Meta(gt=0)]
    """Mean."""


class Study(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A matrix of runs: configurations x threads x callers x processes x models x limits x loads."""

    name: Name
    title: str = ""
    note: str = ""
    """What the study is about, for its page."""
    configs: Annotated[tuple[str, ...], AtLeastOne]
    """Names from the study's own `configurations`, or from the catalogue."""
    configurations: dict[str, SessionConfiguration] = {}
    models: Annotated[tuple[str, ...], AtLeastOne] = ("minilm",)
    """Names from the catalogue, or .onnx files."""
    workload: tuple[StudySession, ...] = ()
    """Sessions that share a process, in place of `models`; the first is what `models` then holds."""
    global_pool: bool = False
    """All sessions of a process share the environment's thread pool."""
    cpu_limits: Annotated[tuple[Cpus, ...], AtLeastOne] = (NO_LIMIT,)
    cpu_period_ms: Annotated[float, msgspec.Meta(ge=PERIOD_MS.least, le=PERIOD_MS.most)] | None = None
    cpu_burst_ms: Annotated[float, msgspec.Meta(ge=BURST_MS.least, le=BURST_MS.most)] | None = None
    rates: Annotated[tuple[Rate, ...], AtLeastOne] = (1.0,)
    """Requests a second; closed arrivals have none."""
    arrivals: Annotated[tuple[Arrivals, ...], AtLeastOne] = (Arrivals.FIXED,)
    threads: tuple[ThreadCount, ...] = ()
    """Counts for each configuration; empty: what the configuration says."""
    inter_op: ThreadCount | None = None
    """Parallel execution of each configuration that has a pool, with so many inter-op threads."""
    concurrency: SomeCallers = 1
    """Threads that call the session."""
    processes: SomeProcesses = 1
    """Workers of one service."""
    provider: str = "cpu"
    """Execution provider, as `--provider` names it."""
    tokens: SomeTokens = 10
    """Of a range, each request draws its own length by the seed."""
    input: dict[str, str] = {}
    """Values of single inputs: `uniform(0,30522)`, or a .npy file."""
    inputs: str = ""
    """All inputs: an .npz file, or a folder of them."""
    inputs_order: Order = Order.CYCLED
    batch: Count = 1
    dims: dict[str, Count] = {}
    repeat: Repeat = 5
    """How often each cell is measured, in interleaved rounds."""
    seed: int = 0
    """Of the order within the rounds, and, with the round added, of arrivals and inputs."""
    warmup_seconds: Seconds = 2.0
    measure_seconds: PositiveSeconds = 20.0
    """Of each repeat."""
    profile_seconds: Seconds = 10.0
    """Once a cell; 0: nothing is profiled."""
    neighbour: bool = False
    """A CPU-bound program runs on the same CPUs while measuring."""
    frequency_hz: Annotated[int, msgspec.Meta(ge=1, le=25_000)] = 997
    per_model: dict[str, PerModel] = {}
    per_config: dict[str, PerConfig] = {}
    published: tuple[Published, ...] = ()
    """The first one of a source, model and limit is what ratios are taken to."""

    @property
    def definition(self) -> Study:
        """The study without its words, which make no difference to what is run."""
        return msgspec.structs.replace(self, title="", note="")

    @property
    def model_keys(self) -> dict[str, str]:
        """All models, each with the key that names it."""
        if self.workload:
            named = {f"workload[{at}].model": session.model for at, session in enumerate(self.workload)}
        else:
            named = {f"models[{at}]": model for at, model in enumerate(self.models)}
        return {model: key for key, model in reversed(named.items())}

    def tables(self) -> Iterator[tuple[str, Study | PerModel | StudySession]]:
        """Yield what may say how a model is fed, each with the beginning of its keys."""
        yield "", self
        yield from ((f"per_model.{model}.", different) for model, different in self.per_model.items())
        yield from ((f"workload[{at}].", session) for at, session in enumerate(self.workload))

    @property
    def input_files(self) -> dict[str, str]:
        """The files, and folders of files, that models are fed from, by key."""
        paths: dict[str, str] = {}
        for prefix, values in self.tables():
            named = parse_inputs(values.input or {})
            paths |= {f"{prefix}input.{name}": source.file for name, source in named.items() if source.file}
            paths |= {f"{prefix}inputs": values.inputs} if values.inputs else {}
        return paths

    def callers(self, config: str) -> tuple[int, ...]:
        """Return with how many calling threads each a configuration is tried."""
        own = self.per_config.get(config)
        return each(self.concurrency if own is None else own.concurrency)

    def for_model(self, model: str) -> Study:
        """Return the study with what `per_model` says of a model in place."""
        if model not in self.per_model:
            return self
        changes = msgspec.structs.asdict(self.per_model[model])
        return msgspec.structs.replace(
            self, **{key: value for key, value in changes.items() if value is not None}
        )
