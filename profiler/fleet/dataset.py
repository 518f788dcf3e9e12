"""The dataset: Parquet files below a store, partitioned by study and machine type.

    dataset/<table>/study=<study id>/machine=<type>/<part>.parquet

Single runs are in `study=none`. A study's partition is one file a table, which is replaced as a whole; runs
without one get a file each time some are published, which is called by the latest of them, so that a list of
the latest need not look into the others. Columns are the fields of `rows`, and the partition's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import typing
from typing import TYPE_CHECKING, Any

from profiler.extras import need
from profiler.fleet.rows import CellRow, FigureRow, RequestRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.fleet.machine_type import MachineType
    from profiler.fleet.rows_of import Rows
    from profiler.fleet.store import Store

TABLES: dict[str, type] = {"runs": RunRow, "cells": CellRow, "requests": RequestRow, "figures": FigureRow}
FOLDER = "dataset"
NO_STUDY = "none"
LARGE: dict[str, Any] = {"compression": "zstd"}
SMALL = {**LARGE, "write_statistics": False, "store_schema": False, "use_dictionary": False}
"""How a table is written: of a hundred rows, what a file says of itself takes longest to read."""
UTC = re.compile(r"[0-9]{8}T[0-9]{6}Z")
"""What the name of a run begins with."""
LATEST = re.compile(rf"/part-({UTC.pattern})-[0-9a-f]{{16}}\.parquet$")
PARTITION = ("study", "machine")


def pyarrow() -> Any:
    """Return pyarrow; `MachineError` where it is not installed."""
    return need("pyarrow", "data")


def schema(table: str, *, partitioned: bool = True) -> Any:
    """Return a table's `pyarrow.Schema`; the partition's columns come last."""
    arrow = pyarrow()
    kinds = {str: arrow.string(), bool: arrow.bool_(), int: arrow.int64(), float: arrow.float64()}
    fields = []
    for name, hint in typing.get_type_hints(TABLES[table]).items():
        kind = next(member for member in (typing.get_args(hint) or (hint,)) if member is not type(None))
        fields.append(arrow.field(name, kinds[kind]))
    if partitioned:
        fields += [arrow.field(name, arrow.string()) for name in PARTITION]
    return arrow.schema(fields)


def table_of(table: str, rows: Sequence[Any], study: str = "", machine: str = "") -> Any:
    """Return rows as a `pyarrow.Table`; with a study, its partition's columns too."""
    arrow = pyarrow()
    columns: dict[str, list[Any]] = {
        field.name: [getattr(row, field.name) for row in rows] for field in dataclasses.fields(TABLES[table])
    }
    if study:
        columns |= {"study": [study] * len(rows), "machine": [machine] * len(rows)}
    return arrow.table(columns, schema=schema(table, partitioned=bool(study)))


def write(store: Store, rows: Rows, study: str, machine: MachineType) -> None:
    """Put rows into a store's dataset; those of a study take the place of what it had of that study."""
    part = "part-0"
    if study == NO_STUDY:
        names = [row.run_id for row in rows.runs]
        latest = UTC.match(max(names, default=""))
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        part = f"part-{latest[0]}-{digest}" if latest else f"part-{digest}"
    parquet = need("pyarrow.parquet", "data")
    for table in reversed(TABLES):  # runs last: whoever sees a run finds its requests
        content = getattr(rows, table)
        if content:
            buffer = io.BytesIO()
            parquet.write_table(table_of(table, content), buffer, **(LARGE if table == "requests" else SMALL))
            place = f"{FOLDER}/{table}/study={study}/machine={machine.name}/{part}.parquet"
            store.write(place, buffer.getvalue())


def open_tables(store: Store, only: Iterable[str] = tuple(TABLES)) -> dict[str, Any]:
    """Return each table of a store's dataset as a `pyarrow.dataset.Dataset`; one without files is empty."""
    arrow, datasets = pyarrow(), need("pyarrow.dataset", "data")
    partitioning = datasets.partitioning(
        arrow.schema([(name, arrow.string()) for name in PARTITION]), flavor="hive"
    )
    by_table = {}
    for table in only:
        files = store.find(f"{FOLDER}/{table}", ".parquet")
        by_table[table] = (
            datasets.dataset(
                files,
                schema=schema(table),
                format="parquet",
                # A folder is read by pyarrow itself: a thousand files through Python take a second.
                filesystem=None if store.is_folder else store.files,
                partitioning=partitioning,
            )
            if files
            else schema(table).empty_table()
        )
    return by_table


def latest_of(path: str) -> str:
    """Return when the latest run in a file of single runs was recorded, as its name has it.

    Where the file does not say, what sorts behind all times.
    """
    latest = LATEST.search(path)
    return latest[1] if latest else "z"
