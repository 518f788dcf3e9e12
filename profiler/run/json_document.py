"""One JSON document of a run directory, decoded as a type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files
from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not the document asked for."""


def decode(content: bytes, kind: type[Any], origin: str) -> Any:
    """Decode one JSON document as `kind`; `UsageError` names the file and the key that is wrong."""
    try:
        return msgspec.json.decode(content, type=kind)
    except DAMAGED as error:
        raise not_ours(origin, error) from error


def read(path: Path, kind: type[Any]) -> Any:
    """Read a file of one JSON document; `UsageError` where it is missing or not what ortprof writes."""
    return decode(files.content(path), kind, str(path))


def read_lifted(path: Path, kind: type[Any], lift: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Read as `read` does; `lift` returns a document of an earlier version as this one writes it."""
    values = read(path, dict[str, Any])
    try:
        return msgspec.convert(lift(values), kind)
    except (msgspec.ValidationError, OverflowError) as error:
        raise not_ours(path, error) from error


def not_ours(origin: Path | str, why: object, *, hint: str | None = None) -> UsageError:
    """Return the error for a file of a run directory, or a study's, that holds something else."""
    return UsageError(f"{origin} is not what ortprof writes: {why}", hint=hint)
