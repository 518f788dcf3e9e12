"""A study's definition: which configurations, models, limits and loads to run, how often and for how long.

TOML in and out; the keys are the options of `ortprof sweep` with underscores. The package ships some studies.
"""

from __future__ import annotations

import difflib
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec

from profiler.errors import UsageError
from profiler.files import read_text
from profiler.spec import catalogue
from profiler.spec.configuration import SessionConfiguration, ThreadCount
from profiler.spec.in_words import convert, read_toml
from profiler.spec.inputs import Order, parse_inputs
from profiler.spec.ranges import BURST_MS, PERIOD_MS, PROCESSES
from profiler.spec.study_bounds import require_today, tables
from profiler.spec.study_session import Callers, Count, Rate, StudySession, Tokens
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from pathlib import Path

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

    @property
    def input_files(self) -> dict[str, str]:
        """The files, and folders of files, that models are fed from, by key."""
        paths: dict[str, str] = {}
        for prefix, values in tables(self):
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

    def overridden(self, values: dict[str, Any]) -> Study:
        """Return the study with options in the place of its own values, for all models alike.

        `UsageError` names the option; `values` is keyed as the fields are.
        """
        if self.workload and "models" in values:
            raise UsageError(
                f"--models: the tables of workload in {self.name} name the models", hint="leave it out"
            )
        given = make_study("options", {"name": self.name, "configs": self.configs, **values})
        changes = {key: getattr(given, key) for key in values}
        kept = {
            model: msgspec.structs.replace(
                different, **dict.fromkeys(changes.keys() & set(PerModel.__struct_fields__))
            )
            for model, different in self.per_model.items()
            if model in changes.get("models", self.models)
        }
        return msgspec.structs.replace(self, **changes, per_model=kept)


def make_study(origin: str, values: dict[str, Any]) -> Study:
    """Return a study from a TOML document's values; `UsageError` names `origin`, the key and what fits."""
    own = values.get("configurations", {})
    decoded = catalogue.from_tables({"configurations": own}, origin).configurations
    _require_tables(values, origin)
    study = convert({**values, "configurations": {}}, Study, origin)
    if study.workload:
        if "models" in values:
            raise UsageError(
                f"{origin}: models: the tables of workload name the models", hint="leave one of them out"
            )
        study = msgspec.structs.replace(study, models=(study.workload[0].model,))
    require_today(study, origin)
    for model in study.per_model:
        if model not in study.models:
            raise UsageError(
                f"{origin}: per_model.{model}: the study does not run that model",
                hint=f"its models: {', '.join(study.models)}",
            )
    return msgspec.structs.replace(study, configurations=decoded)


def _require_tables(values: dict[str, Any], origin: str) -> None:
    """Convert what stands in named tables, each alone, so that an error has its name."""
    for table, kind in (("per_model", PerModel), ("per_config", PerConfig), ("dims", Count)):
        named = values.get(table)
        for name, value in named.items() if isinstance(named, dict) else ():
            convert(value, kind, origin, f"{table}.{name}")


def lifted(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document that holds a `study` as this version writes it: others had `most_tokens` apart."""
    study = document.get("study")
    if not isinstance(study, dict):
        return document
    per_model = study.get("per_model")
    named = per_model if isinstance(per_model, dict) else {}
    lifted_models = {model: _one_span(different) for model, different in named.items()}
    return {**document, "study": {**_one_span(study), **({"per_model": lifted_models} if named else {})}}


def _one_span(values: Any) -> Any:
    if not isinstance(values, dict) or "most_tokens" not in values:
        return values
    kept = {key: value for key, value in values.items() if key != "most_tokens"}
    most = values["most_tokens"]
    return kept if most is None else {**kept, "tokens": f"{values.get('tokens', 10)}..{most}"}


def parse_study(text: str, origin: str, *, name: str) -> Study:
    """Decode a study's TOML; `name` is what it is called where it does not say."""
    return make_study(origin, {"name": name, **read_toml(text, origin)})


def as_toml(study: Study) -> str:
    """Return a study as a file that `parse_study` reads back, without what is the default."""
    values = _without_defaults(study, Study(name="default", configs=("default",)))
    values["configurations"] = {
        name: _without_defaults(
            msgspec.structs.replace(configuration, name="", adjustments=()), SessionConfiguration()
        )
        for name, configuration in study.configurations.items()
    }
    values["per_model"] = {
        model: _without_defaults(different, PerModel()) for model, different in study.per_model.items()
    }
    if study.workload:
        del values["models"]
        values["workload"] = [
            {"model": session.model, **_without_defaults(session, StudySession(model=session.model))}
            for session in study.workload
        ]
    return msgspec.toml.encode({key: value for key, value in values.items() if value != {}}).decode()


def _without_defaults(value: msgspec.Struct, default: msgspec.Struct) -> dict[str, Any]:
    defaults = msgspec.to_builtins(default)
    return {key: setting for key, setting in msgspec.to_builtins(value).items() if setting != defaults[key]}


def shipped_studies() -> dict[str, Study]:
    """Return the studies of the package by name."""
    folder = files("profiler.spec").joinpath("studies")
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir())
    return {
        name: parse_study(folder.joinpath(f"{name}.toml").read_text("utf-8"), f"{name}.toml", name=name)
        for name in names
    }


def load_study(path: Path) -> Study:
    """Read a study from a TOML file; without a name of its own it is called after the file."""
    return parse_study(read_text(path), str(path), name=path.stem)


def unknown_study(name: str) -> UsageError:
    """Make the error for a name that is no study, with the nearest one and the list."""
    shipped = shipped_studies()
    near = difflib.get_close_matches(name, shipped, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return UsageError(
        f"there is no study {name!r}",
        hint=f"{meant}shipped: {', '.join(shipped)}; or give a TOML file, or the id of a study that was run",
    )
