"""A study's definition: which configurations, models, limits and loads to run, how often and for how long.

TOML in and out; the keys are the options of `ortprof sweep` with underscores. The package ships some studies.
"""

from __future__ import annotations

import difflib
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from profiler.errors import UsageError
from profiler.files import read_text
from profiler.spec import catalogue
from profiler.spec.configuration import SessionConfiguration, ThreadCount
from profiler.spec.in_words import convert, read_toml
from profiler.spec.inputs import parse_input
from profiler.spec.provider import parse_provider
from profiler.spec.ranges import BURST_MS, CALLERS, PERIOD_MS, PROCESSES, SEED, SIZE
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from pathlib import Path

AtLeastOne = msgspec.Meta(min_length=1)
Count = Annotated[int, msgspec.Meta(ge=1)]
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
Rate = Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)]
Callers = Annotated[int, msgspec.Meta(ge=CALLERS.least, le=CALLERS.most)]
Processes = Annotated[int, msgspec.Meta(ge=PROCESSES.least, le=PROCESSES.most)]
Repeat = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
PositiveSeconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class PerModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one model does otherwise: models differ a hundredfold in what a request costs."""

    cpu_limits: Annotated[tuple[Cpus, ...], AtLeastOne] | None = None
    rates: Annotated[tuple[Rate, ...], AtLeastOne] | None = None
    arrivals: Annotated[tuple[Arrivals, ...], AtLeastOne] | None = None
    tokens: Count | None = None
    most_tokens: Count | None = None
    batch: Count | None = None
    concurrency: Callers | None = None
    input: dict[str, str] | None = None
    repeat: Repeat | None = None
    warmup_seconds: Seconds | None = None
    measure_seconds: PositiveSeconds | None = None
    profile_seconds: Seconds | None = None


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
    """A matrix of runs: configurations x threads x models x limits x (arrivals, rates)."""

    name: Name
    title: str = ""
    note: str = ""
    """What the study is about, for its page."""
    configs: Annotated[tuple[str, ...], AtLeastOne]
    """Names from the study's own `configurations`, or from the catalogue."""
    configurations: dict[str, SessionConfiguration] = {}
    models: Annotated[tuple[str, ...], AtLeastOne] = ("minilm",)
    """Names from the catalogue, or .onnx files."""
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
    concurrency: Callers = 1
    """Threads that call the session."""
    processes: Processes = 1
    """Workers of one service."""
    provider: str = "cpu"
    """Execution provider, as `--provider` names it."""
    tokens: Count = 10
    most_tokens: Count | None = None
    """Requests differ in length: from `tokens` to this, drawn by the seed."""
    input: dict[str, str] = {}
    """Values of single inputs: `uniform(0,30522)`, or a .npy file."""
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
    frequency_hz: Annotated[int, msgspec.Meta(ge=1, le=25_000)] = 997
    per_model: dict[str, PerModel] = {}
    published: tuple[Published, ...] = ()
    """The first one of a source, model and limit is what ratios are taken to."""

    @property
    def definition(self) -> Study:
        """The study without its words, which make no difference to what is run."""
        return msgspec.structs.replace(self, title="", note="")

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
    _require_today(study, origin)
    for model in study.per_model:
        if model not in study.models:
            raise UsageError(
                f"{origin}: per_model.{model}: the study does not run that model",
                hint=f"its models: {', '.join(study.models)}",
            )
    return msgspec.structs.replace(study, configurations=decoded)


def _require_tables(values: dict[str, Any], origin: str) -> None:
    """Convert what stands in named tables, each alone, so that an error has its name."""
    for table, kind in (("per_model", PerModel), ("dims", Count)):
        named = values.get(table)
        for name, value in named.items() if isinstance(named, dict) else ():
            convert(value, kind, origin, f"{table}.{name}")


def _require_today(study: Study, origin: str) -> None:
    """Hold values against bounds that earlier versions did not have: their study.json is still read."""
    SEED.require(f"{origin}: seed", study.seed)
    parse_provider(study.provider, f"{origin}: provider")
    sizes: dict[str, int | None] = {"tokens": study.tokens, "batch": study.batch}
    sizes["most_tokens"] = study.most_tokens
    for model, different in study.per_model.items():
        sizes |= {f"per_model.{model}.tokens": different.tokens, f"per_model.{model}.batch": different.batch}
        sizes[f"per_model.{model}.most_tokens"] = different.most_tokens
    sizes |= {f"dims.{name}": size for name, size in study.dims.items()}
    for key, given in sizes.items():
        if given is not None:
            SIZE.require(f"{origin}: {key}", given)
    for each in (study, *(study.for_model(name) for name in study.per_model)):
        if each.most_tokens is not None and each.most_tokens < each.tokens:
            raise UsageError(f"{origin}: most_tokens {each.most_tokens} is less than tokens {each.tokens}")
        for name, values in each.input.items():
            parse_input(f"{name}={values}", f"{origin}: input.{name}")


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
    return msgspec.toml.encode({key: value for key, value in values.items() if value != {}}).decode()


def _without_defaults(value: msgspec.Struct, default: msgspec.Struct) -> dict[str, Any]:
    defaults = msgspec.to_builtins(default)
    return {key: found for key, found in msgspec.to_builtins(value).items() if found != defaults[key]}


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
