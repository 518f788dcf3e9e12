"""A store's runs as a list, page by page; of a large store only what a page needs is read."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.extras import need
from profiler.fleet import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.fleet.store import Store

COLUMNS = {
    "path": "run_id",
    "runtime": "ort",
    "limit_cpus": "limit_cpus",
    "cpu_ms_per_request": "cpu_ms_per_request",
    "p95_ms": "p95_ms",
    "spin_share": "spin_share",
    "complete": "state",
}
"""What is read, and what `ortprof runs` calls it."""
ENDING = ".parquet"
FOLDER = f"{dataset.FOLDER}/runs"
STUDY = "study="
"""What a study's folder of the dataset is called begins so."""
MOST_ONE_BY_ONE = 10_000
"""For more runs than that all files are listed at once: an object store names a thousand in one answer."""
LAST = "\x7f"
"""It sorts behind whatever runs and studies are called."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Files of the dataset."""

    bound: str
    """No run in them sorts behind it."""
    paths: list[str]


def list_runs(store: Store, most: int, skip: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the latest runs but for `skip` later ones, the oldest first, as `ortprof runs` has them.

    And whether there are older ones. The order is that of their names, which begin with the time; those of a
    study stand together, where its name stands.
    """
    page, older = latest_rows(store, tuple(COLUMNS), most, skip)
    rows: list[dict[str, Any]] = page.rename_columns(list(COLUMNS.values())).to_pylist()
    for row in rows:
        row["state"] = "complete" if row["state"] else "interrupted"
    return rows[::-1], older


def latest_rows(store: Store, columns: tuple[str, ...], most: int, skip: int = 0) -> tuple[Any, bool]:
    """Return columns, `path` among them, of the latest runs but for `skip` later ones, the latest first.

    As a `pyarrow.Table`; and whether there are older ones.
    """
    arrow, compute = dataset.pyarrow(), need("pyarrow.compute", "data")
    read = [_wanted(columns).empty_table()]
    for source in _sources(store, at_once=skip + most > MOST_ONE_BY_ONE):
        if sum(map(len, read)) > skip + most:
            later = (compute.sum(compute.greater(table["key"], source.bound)).as_py() or 0 for table in read)
            if sum(later) > skip + most:  # whatever comes now is older than all that is asked for
                break
        read += [_read(store, path, columns) for path in source.paths]
    table = arrow.concat_tables(read)
    order = compute.sort_indices(table, sort_keys=[("key", "descending")])
    return table.take(order[skip : skip + most]).select(list(columns)), len(table) > skip + most


def _sources(store: Store, *, at_once: bool) -> Iterator[_Source]:
    """Yield all files of runs, by falling bounds; a study's are asked for alone, or all `at_once`."""
    single = STUDY + dataset.NO_STUDY
    studies: dict[str, list[str]]
    if at_once:
        paths = store.find(FOLDER, ENDING)
        grouped = itertools.groupby(paths, lambda path: path.rpartition(f"/{STUDY}")[2].partition("/")[0])
        studies = {STUDY + name: list(group) for name, group in grouped}
        none = studies.pop(single, [])
    else:
        names = [name for name in store.names(FOLDER) if name.startswith(STUDY) and name != single]
        studies = {name: [] for name in names}
        none = store.find(f"{FOLDER}/{single}", ENDING)
    sources = [_Source(dataset.latest_of(path) + LAST, [path]) for path in none]
    sources += [_Source(name.removeprefix(STUDY) + LAST, paths) for name, paths in studies.items()]
    for source in sorted(sources, key=lambda source: source.bound, reverse=True):
        paths = source.paths or store.find(f"{FOLDER}/{STUDY}{source.bound.removesuffix(LAST)}", ENDING)
        yield _Source(source.bound, paths)


@functools.cache
def _wanted(columns: tuple[str, ...]) -> Any:
    """Return the schema of what is read, with what runs are sorted by."""
    arrow = dataset.pyarrow()
    fields = dataset.schema("runs", partitioned=False)
    return arrow.schema([*(fields.field(name) for name in columns), ("key", arrow.string())])


def _read(store: Store, path: str, columns: tuple[str, ...]) -> Any:
    """Return the rows of a file, as `_wanted` has them; `UsageError` where it holds anything else."""
    arrow, compute, parquet = (need(f"pyarrow{part}", "data") for part in ("", ".compute", ".parquet"))
    with store.open(path) as file:
        try:
            # Without threads: where the program ends while they still do, it is aborted now and then.
            table = parquet.ParquetFile(file, pre_buffer=False).read(list(columns), use_threads=False)
            table = table.select(list(columns))
            named = table.filter(compute.is_valid(table["path"]))
            # The runs of a study stand together: nothing sorts before what parts its name from theirs.
            key = compute.replace_substring(named["path"].cast(arrow.string()), "/", "\0")
            return named.append_column("key", key).cast(_wanted(columns))
        except (arrow.ArrowException, ValueError, KeyError) as error:
            why = " ".join(str(error).split())
            raise UsageError(f"{path} is none of a store's files: {why}") from error
