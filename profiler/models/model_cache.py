"""Prepared models in the user's cache folder, each with a record that tells whether the file is sound.

A record holds the file's sha256, size and modification time. `find` trusts a file whose size and time are
the recorded ones, so that a recording starts without reading 1.3 GB; otherwise, and always with
`thorough`, the file is hashed. A file and its record are replaced one after the other, each atomically;
after a crash between the two the hash differs and the model is built anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import msgspec
import platformdirs

from profiler import files
from profiler.errors import NotWrittenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Count = Annotated[int, msgspec.Meta(ge=0)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


LARGEST_RECORD = 1 << 20
"""Bytes of a record that are read."""


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """An ONNX file to run."""

    path: Path
    name: str
    """The catalogue's name, or the file's without its ending."""
    weights: str
    """`synthetic`, `source ...` (and what in it is synthetic), or `file` for a file of the user's."""
    parameters: int | None
    """How many weights; None where that was not looked up."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known about a cached file."""

    schema: Literal["ortprof.model/1"] = "ortprof.model/1"
    graph_version: Count
    """Which version of our graph it holds."""
    weights: str
    """See `PreparedModel.weights`."""
    source: str | None
    """What `--weights` said, with a folder made absolute."""
    parameters: Count
    size: Count
    """Bytes."""
    mtime_ns: int
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Fault:
    """A cached model that can't be used."""

    reason: str
    """To be read after "the cached NAME"."""
    source: str | None
    """Where its weights came from, if that is known; see `Record.source`."""


def default_folder() -> Path:
    """`models` in ortprof's cache folder, by the XDG base directory specification."""
    return platformdirs.user_cache_path("ortprof") / "models"


def model_path(folder: Path, name: str) -> Path:
    """Where a model lies; its record lies beside it."""
    return folder / f"{name}.onnx"


def prepared(folder: Path, name: str, record: Record) -> PreparedModel:
    """Name a sound file and what its record says."""
    return PreparedModel(model_path(folder, name), name, record.weights, record.parameters)


def find(folder: Path, name: str, *, graph_version: int, thorough: bool) -> Record | Fault | None:
    """Look up and check what is cached under `name`. `thorough` hashes the file in any case."""
    path = model_path(folder, name)
    try:
        with files.open_regular(path) as file:
            status = os.fstat(file.fileno())
    except OSError:  # nothing of ours: what is built takes its place
        return None
    record = _read_record(path)
    if record is None:
        return Fault("has no readable record", None)
    if record.graph_version != graph_version:
        return Fault("was made by another version of ortprof", record.source)
    if record.size != status.st_size:
        return Fault(f"is damaged ({status.st_size} bytes, not {record.size})", record.source)
    touched = record.mtime_ns != status.st_mtime_ns
    if (thorough or touched) and _sha256(path) != record.sha256:
        return Fault("is damaged (its checksum differs)", record.source)
    if touched:
        # Copied or restored: with its new time on record it need not be hashed again. The cache may be
        # read-only, which costs a hash each time and no more.
        record = msgspec.structs.replace(record, mtime_ns=status.st_mtime_ns)
        with contextlib.suppress(NotWrittenError):
            store_record(folder, name, record)
    return record


def store_record(folder: Path, name: str, record: Record) -> None:
    """Write the record of a model that is in place."""
    # Not msgspec's encoder: a path that is no UTF-8 holds lone surrogates, which JSON's escapes can carry.
    text = json.dumps(msgspec.to_builtins(record), indent=2) + "\n"
    with replacing(_record_path(model_path(folder, name))) as file:
        file.write(text.encode())


def remove(folder: Path, name: str) -> int:
    """Remove a cached model and its record; return how many bytes that freed (0: there was none)."""
    freed = 0
    path = model_path(folder, name)
    for file in (_record_path(path), path):
        with contextlib.suppress(FileNotFoundError):
            size = file.stat().st_size
            file.unlink()
            freed += size
    return freed


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes `path`'s place when the block ends well, and leaves no trace otherwise.

    `NotWrittenError` when it can't be written: permissions, space.
    """
    hint = "models are kept in the cache folder; XDG_CACHE_HOME moves it"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.not_written(path, error, hint) from error
    with files.replacing(path, hint=hint) as file:
        yield file


def _record_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _read_record(path: Path) -> Record | None:
    """Read the record of a model file; None for a missing or malformed one."""
    try:
        # Not msgspec's reader: a source's path may be no UTF-8, so that the record holds lone surrogates.
        return msgspec.convert(json.loads(files.read(_record_path(path), LARGEST_RECORD)), Record)
    except (OSError, ValueError, RecursionError):
        return None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with files.open_regular(path) as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


_HASH_BLOCK = 1 << 20
