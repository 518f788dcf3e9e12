"""Studies as TOML, in and out; the keys are the options of `ortprof sweep` with underscores.

The package ships some studies.
"""

from __future__ import annotations

import difflib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from profiler.errors import UsageError
from profiler.files import read_text
from profiler.spec import catalogue
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.in_words import convert, read_toml
from profiler.spec.study import PerConfig, PerModel, Study
from profiler.spec.study_bounds import require_today
from profiler.spec.study_session import Count, StudySession

if TYPE_CHECKING:
    from pathlib import Path


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


def overridden(study: Study, values: dict[str, Any]) -> Study:
    """Return a study with options in the place of its own values, for all models alike.

    `UsageError` names the option; `values` is keyed as the fields are.
    """
    if study.workload and "models" in values:
        raise UsageError(
            f"--models: the tables of workload in {study.name} name the models", hint="leave it out"
        )
    given = make_study("options", {"name": study.name, "configs": study.configs, **values})
    changes = {key: getattr(given, key) for key in values}
    kept = {
        model: msgspec.structs.replace(
            different, **dict.fromkeys(changes.keys() & set(PerModel.__struct_fields__))
        )
        for model, different in study.per_model.items()
        if model in changes.get("models", study.models)
    }
    return msgspec.structs.replace(study, **changes, per_model=kept)


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
