"""Runs and studies out of a store, into a reports folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.fleet import dataset
from profiler.fleet.query import ask
from profiler.fleet.store import SAFE
from profiler.run import runs
from profiler.run.copying import appearing
from profiler.run.directory import FLEET_MANIFEST, STUDY_MANIFEST, RunDirectory
from profiler.study import study_record
from profiler.study.study_record import StudyDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.fleet.store import Store

FOUND = """
SELECT path FROM runs
WHERE path IS NOT NULL
  AND (run_id = $name OR starts_with(run_id, $name) OR configuration = $name OR starts_with(path, $name))
ORDER BY run_id = $name DESC, configuration = $name DESC, created DESC, run_id DESC
"""
"""The latest run of a configuration, else what begins so."""


def fetch(store: Store, name: str, reports: Path) -> Path:
    """Bring a run or a study of a store into a reports folder, and return its directory there.

    `name` is what it is in a reports folder: an id, the only beginning of one, a configuration's name (its
    latest run). A run of a study comes with the study, whose repeats belong to it; a fleet with all of its
    studies. What is there already stays as it is. `UsageError` where the store has none, or several begin so.
    """
    rows = ask(dataset.open_tables(store, only=("runs",)), FOUND, {"name": name}).rows
    paths = [path for (path,) in rows if all(SAFE.fullmatch(part) for part in path.split("/"))]
    if not paths:
        raise UsageError(
            f"{store.url} has no run or study {name!r}", hint=f"`ortprof runs --store {store.url}` lists them"
        )
    tops = {path.partition("/")[0] for path in paths}
    top = paths[0].partition("/")[0]
    if len(tops) == 1 and top.startswith(name) and FLEET_MANIFEST in store.names(top):
        return _fetch_fleet(store, top, reports)
    holders = dict.fromkeys(path.partition("/runs/")[0] for path in paths)
    by_beginning = [holder for holder in holders if holder.startswith(name)]
    if name not in holders and len(by_beginning) > 1:
        raise runs.AmbiguousNameError(
            f"{len(by_beginning)} runs and studies begin with {name!r}",
            hint=", ".join(by_beginning[: runs.MOST_CANDIDATES]),
        )
    path: str = by_beginning[0] if by_beginning else paths[0]
    holder = path.partition("/runs/")[0]
    if STUDY_MANIFEST in store.names(holder):
        _fetch_study(store, holder, StudyDirectory(reports / holder))
    else:
        _fetch_run(store, holder, reports / holder)
    return reports / path


def _fetch_fleet(store: Store, path: str, reports: Path) -> Path:
    for name in store.names(path):
        if STUDY_MANIFEST in store.names(f"{path}/{name}"):
            _fetch_study(store, f"{path}/{name}", StudyDirectory(reports / path / name))
    for name in store.names(path):
        if name.endswith((".html", ".json")):
            files.write(reports / path / name, store.read(f"{path}/{name}"))
    return reports / path


def _fetch_run(store: Store, path: str, into: Path) -> None:
    if runs.is_run(into):
        return
    try:
        with appearing(into) as partial:
            for name in store.names(path):
                files.write(partial / name, store.read(f"{path}/{name}"))
            if not RunDirectory(partial).manifest.is_file():
                raise UsageError(f"{store.url} has no whole run in {path}")
    except OSError as error:
        raise files.not_written(into, error) from error


def _fetch_study(store: Store, path: str, study: StudyDirectory) -> None:
    manifest = store.read(f"{path}/{STUDY_MANIFEST}")
    if study.manifest.is_file() and files.content(study.manifest) == manifest:
        return
    study.runs_folder.mkdir(parents=True, exist_ok=True)
    with study_record.locked(study):
        for name in store.names(f"{path}/runs"):
            _fetch_run(store, f"{path}/runs/{name}", study.runs_folder / name)
        for name in store.names(path):
            if name not in ("runs", STUDY_MANIFEST):
                files.write(study.path / name, store.read(f"{path}/{name}"))
        files.write(study.manifest, manifest)
