"""Parquet: a folder of `samples.parquet`, `waits.parquet` and `requests.parquet` (extra `data`).

Format: https://parquet.apache.org; descriptions and units stand in the Arrow schema that the files keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pyarrow.parquet as pq

from profiler import files
from profiler.export.tables import tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.export.columns.exported import ExportedRun

ROWS = 100_000
"""Of a row group."""


@dataclass(frozen=True, slots=True)
class Parquet:
    """A file a table."""

    suffix: ClassVar[str] = ".parquet"

    def write_folder(self, run: ExportedRun, folder: Path) -> None:
        """Write each table in parts, a row group each."""
        for table in tables_of(run):
            with (
                files.replacing(folder / f"{table.name}.parquet") as out,
                pq.ParquetWriter(out, table.schema, compression="zstd") as writer,
            ):
                for batch in table.batches(ROWS):
                    writer.write_batch(batch)
