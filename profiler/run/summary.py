"""summary.json of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler import files
from profiler.errors import UsageError

if TYPE_CHECKING:
    from profiler.run.directory import RunDirectory


def read_summary(run: RunDirectory) -> dict[str, Any]:
    """Read summary.json; `UsageError` when it is missing or of another schema."""
    if not run.summary.exists():
        raise UsageError(f"{run.run_id} was not analysed", hint=f"`ortprof report {run.run_id}` does that")
    summary = files.read_json(run.summary)
    if not isinstance(summary, dict) or summary.get("schema") != "ortprof.summary/1":
        raise UsageError(f"{run.summary} is not a summary that this version of ortprof reads")
    return summary
