"""CSV: a folder of `samples.csv`, `waits.csv` and `requests.csv` (extra `data`), a header line each.

Format: https://www.rfc-editor.org/rfc/rfc4180. A text that a spreadsheet would take for a formula gets an
apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection): names come from strangers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pyarrow.csv as pa_csv

from profiler import files
from profiler.export.tables import tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.export.columns.exported import ExportedRun

ROWS = 10_000
"""That are made at a time: each has its chain as text, of a kilobyte or more."""
FORMULA = re.compile(r"[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class CommaSeparated:
    """A file a table."""

    suffix: ClassVar[str] = ".csv"

    def write_folder(self, run: ExportedRun, folder: Path) -> None:
        """Write each table in parts."""
        for table in tables_of(run):
            schema = pa.schema([(field.name, _plain(field.type)) for field in table.fields])
            with (
                files.replacing(folder / f"{table.name}.csv") as out,
                pa_csv.CSVWriter(out, schema) as writer,
            ):
                for batch in table.batches(ROWS):
                    columns = [_column(column) for column in batch.columns]
                    writer.write_batch(pa.record_batch(columns, schema=schema))


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _column(column: Any) -> Any:
    """Return a column without a dictionary, its texts harmless in a spreadsheet."""
    if not pa.types.is_dictionary(column.type):
        return column
    safe = [f"'{text}" if FORMULA.match(text) else text for text in column.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(column.indices, pa.array(safe, pa.string())).dictionary_decode()
