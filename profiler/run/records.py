"""What `ortprof record` wrote down of a run beside the trace: run.json, counters.json, requests.jsonl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run.manifest import Manifest, PhaseCounters, Request, decode, decode_requests

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.directory import RunDirectory


@dataclass(frozen=True, slots=True)
class Recorded:
    """One run's records."""

    manifest: Manifest
    counters: dict[str, PhaseCounters]
    """By phase."""
    requests: list[Request]


def read_recorded(run: RunDirectory) -> Recorded:
    """Read a run's records; `UsageError` when a file is missing or is not what ortprof writes."""
    return Recorded(
        manifest=decode(_read(run.manifest), Manifest, str(run.manifest)),
        counters=decode(_read(run.counters), dict[str, PhaseCounters], str(run.counters)),
        requests=decode_requests(_read(run.requests), str(run.requests)),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from error
