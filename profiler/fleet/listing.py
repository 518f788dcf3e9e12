"""A store's runs as a list, page by page; of a large store only what a page needs is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.extras import need
from profiler.fleet import dataset

if TYPE_CHECKING:
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
STUDY = re.compile(r"/study=([^/]+)/")


def list_runs(store: Store, most: int, skip: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the latest runs but for `skip` later ones, the oldest first, as `ortprof runs` has them.

    And whether there are older ones. The order is that of their names, which begin with the time; those of a
    study stand together, where its name stands.
    """
    parts: dict[str, list[str]] = {}
    for path in store.find(f"{dataset.FOLDER}/runs", ".parquet"):
        study = STUDY.search(path)
        if study is not None:
            parts.setdefault(study[1], []).append(path)
    rows = _read(store, parts.pop(dataset.NO_STUDY, []))
    of_studies = 0
    for study_id in sorted(parts, reverse=True):
        if of_studies > skip + most:  # whatever comes now is older than all of these
            break
        read = _read(store, parts[study_id])
        of_studies += len(read)
        rows += read
    rows.sort(key=lambda row: (row["run_id"].partition("/")[0], row["run_id"]), reverse=True)
    return rows[skip : skip + most][::-1], len(rows) > skip + most


def _read(store: Store, paths: list[str]) -> list[dict[str, Any]]:
    """Return the rows of files; `UsageError` names one that holds anything else."""
    arrow, parquet = dataset.pyarrow(), need("pyarrow.parquet", "data")
    fields = dataset.schema("runs", partitioned=False)
    wanted = arrow.schema([fields.field(name) for name in COLUMNS])
    rows: list[dict[str, Any]] = []
    for path in paths:
        with store.open(path) as file:
            try:
                # Without threads: where the program ends while they still do, it is aborted now and then.
                whole = parquet.ParquetFile(file, pre_buffer=False)
                table = whole.read(list(COLUMNS), use_threads=False).select(list(COLUMNS)).cast(wanted)
            except (arrow.ArrowException, ValueError, KeyError) as error:
                why = " ".join(str(error).split())
                raise UsageError(f"{path} is none of a store's files: {why}") from error
        rows += table.rename_columns(list(COLUMNS.values())).to_pylist()
    named = [row for row in rows if row["run_id"] is not None]
    for row in named:
        row["state"] = "complete" if row["state"] else "interrupted"
    return named
