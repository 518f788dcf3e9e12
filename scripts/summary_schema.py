"""Write docs/summary.schema.json from the types of profiler.run.summary."""

from __future__ import annotations

from pathlib import Path

from profiler import files
from profiler.run.summary_schema import summary_schema

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "summary.schema.json"

if __name__ == "__main__":
    files.write_json(SCHEMA, summary_schema())
