"""A model by name or path: from the cache, or built when it is not there. Light to import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.files import not_read, open_regular
from profiler.models import model_cache
from profiler.models.model_cache import PreparedModel
from profiler.models.progress import SILENT, Progress
from profiler.models.shipped import CATALOGUE, find, unknown

if TYPE_CHECKING:
    from profiler.models.shipped import CatalogueEntry

OWN_FILE = "file"
"""Where the weights of a user's file come from."""
GRAPH_VERSION = 1
"""Raise it when `bert` or the synthetic weights change: cached models are then built anew."""


def prepare(
    name: str, *, weights: str | None = None, cache_folder: Path | None = None, progress: Progress = SILENT
) -> PreparedModel:
    """Put a catalogue model into the cache with synthetic weights, or with those of the source `weights`.

    It replaces the model of that name, so that `resolve` gives what was prepared last. A cached synthetic
    model is kept if its checksum still holds; a source is always read again. `UsageError` for an unknown
    name or an unfit source, `MachineError` where the cache can't be written or the Hub not reached.
    """
    entry = find(name)
    folder = cache_folder or model_cache.default_folder()
    if weights is None:
        cached = model_cache.find(folder, name, graph_version=GRAPH_VERSION, thorough=True)
        if isinstance(cached, model_cache.Record) and cached.source is None:
            return model_cache.prepared(folder, name, cached)
        _tell(progress, name, cached)
    return _build(entry, weights, folder, progress)


def resolve(model: str, *, cache_folder: Path | None = None, progress: Progress = SILENT) -> PreparedModel:
    """Find the model for a command line's NAME or FILE.

    A name gives what `prepare` left in the cache, or builds it with synthetic weights; a damaged file is
    built anew with the weights it had. `UsageError` for a missing file or an unknown name.
    """
    if model not in CATALOGUE:
        return _user_file(model)
    folder = cache_folder or model_cache.default_folder()
    cached = model_cache.find(folder, model, graph_version=GRAPH_VERSION, thorough=False)
    if isinstance(cached, model_cache.Record):
        return model_cache.prepared(folder, model, cached)
    _tell(progress, model, cached)
    return _build(CATALOGUE[model], cached.source if cached else None, folder, progress)


def built(model: str, *, cache_folder: Path | None = None) -> PreparedModel | None:
    """Find a model as `resolve` does, but build nothing: None for one that is yet to be built."""
    if model not in CATALOGUE:
        return _user_file(model)
    folder = cache_folder or model_cache.default_folder()
    cached = model_cache.find(folder, model, graph_version=GRAPH_VERSION, thorough=False)
    return model_cache.prepared(folder, model, cached) if isinstance(cached, model_cache.Record) else None


def _user_file(model: str) -> PreparedModel:
    path = Path(model).expanduser()
    if path.is_dir():
        raise UsageError(
            f"{model} is a folder, not a model",
            hint="give an .onnx file; `ortprof models export` makes one of a Hugging Face model",
        )
    try:
        open_regular(path).close()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise not_read(model, error) from error
    else:
        return PreparedModel(path, path.stem, OWN_FILE, None)
    if path.suffix or len(path.parts) > 1:
        raise UsageError(f"there is no file {model}", hint=f"or give a name: {', '.join(CATALOGUE)}")
    raise unknown(model, files=True)


def _tell(progress: Progress, name: str, cached: model_cache.Record | model_cache.Fault | None) -> None:
    if isinstance(cached, model_cache.Fault):
        progress.say(f"the cached {name} {cached.reason}: building it anew")


def _build(entry: CatalogueEntry, source: str | None, folder: Path, progress: Progress) -> PreparedModel:
    # Building imports numpy and onnx; a cached model needs neither.
    from profiler.models.build import build  # noqa: PLC0415 (see above)

    return build(entry, source=source, folder=folder, graph_version=GRAPH_VERSION, progress=progress)
