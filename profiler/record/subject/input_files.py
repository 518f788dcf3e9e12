"""Input files of the user's: read without trust, and handed to the workload in one file of ours.

NumPy's own reader allocates what a header claims. Here the bytes must be there, objects are refused, and what
an archive unpacks to is bounded.
Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from profiler import files
from profiler.errors import UsageError
from profiler.record.temporary import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from profiler.spec.inputs import Inputs
    from profiler.spec.workload import SessionLoad

ARCHIVE_SUFFIX, ARRAY_SUFFIX = ".npz", ".npy"
MOST_SETS = 4096
"""Files of a folder."""
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways to compress that zipfile unpacks within bounds."""
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
)  # fmt: skip
"""What zipfile raises for damaged archives; the content is in memory, so an `OSError` is no disk's."""
PART = re.compile(r"(.+)/(\d+)")
"""A tensor of a sequence in an archive: `name/0`."""

ArraySet = dict[str, Any]
"""Arrays by input; of a sequence a list of them."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Where the workload finds the sets of one session; no file where all is made up or drawn."""

    path: str | None = None
    sets: tuple[dict[str, str | list[str]], ...] = ()
    """Keys in the file by input."""


@contextlib.contextmanager
def all_handed_over(loads: Iterable[SessionLoad]) -> Iterator[list[HandedOver]]:
    """Read the files of all sessions; errors and how long they are kept as with `handed_over`."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(handed_over(load.inputs)) for load in loads]


@contextlib.contextmanager
def handed_over(inputs: Inputs) -> Iterator[HandedOver]:
    """Read what the user named and keep it for the workload while the block runs.

    `UsageError` names a file that can't be read, or that holds something else.
    """
    sets = _read_sets(inputs)
    if not sets:
        yield HandedOver()
        return
    with temporary_folder() as folder:
        path = folder / "inputs.npz"
        yield HandedOver(str(path), tuple(_write(path, sets)))


def _read_sets(inputs: Inputs) -> list[ArraySet]:
    named = {name: read_array(Path(source.file)) for name, source in inputs.named.items() if source.file}
    drawn = {name for name, source in inputs.named.items() if not source.file}
    archives = _archives(Path(inputs.files)) if inputs.files else []
    sets: list[ArraySet] = []
    left = files.LARGEST
    for archive in archives:
        arrays, size = read_archive(archive, left)
        left -= size
        sets.append({name: array for name, array in {**arrays, **named}.items() if name not in drawn})
    return sets or ([named] if named else [])


def require_readable(path: Path) -> None:
    """Raise `UsageError` where a file of inputs, or a folder of them, can't be read."""
    if path.is_dir():
        _archives(path)
        return
    try:
        files.open_regular(path).close()
    except OSError as error:
        raise files.not_read(path, error) from error


def _archives(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    archives = sorted(entry for entry in path.iterdir() if entry.suffix == ARCHIVE_SUFFIX)
    if not archives:
        raise UsageError(f"{path}: no .npz file in this folder", hint="numpy.savez writes them")
    if len(archives) > MOST_SETS:
        raise UsageError(f"{path}: {len(archives):,} .npz files, more than {MOST_SETS:,}")
    return archives


def read_archive(path: Path, largest: int = files.LARGEST) -> tuple[ArraySet, int]:
    """Read an .npz file; return its arrays by name, `name/0`, `name/1` ... as one list, and their bytes."""
    content = files.content(path, largest)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > largest:
                raise UsageError(f"{path} can't be read: it unpacks to more than {largest >> 20:,} MiB")
            if any(member.compress_type not in PACKED for member in members):
                raise UsageError(f"{path} can't be read: it is packed in another way than numpy's files")
            arrays = {
                member.filename.removesuffix(ARRAY_SUFFIX): _array(archive.read(member), path)
                for member in members
            }
    except DAMAGED as error:
        raise UsageError(f"{path} is no .npz file: {error}", hint="numpy.savez writes them") from error
    return _with_sequences(arrays, path), size


def read_array(path: Path) -> Any:
    """Read an .npy file, as its bytes are; `UsageError` where it is something else."""
    return _array(files.content(path), path)


def _array(content: bytes, path: Path) -> Any:
    try:
        return _parsed(content)
    except (ValueError, OverflowError, RecursionError) as error:
        raise UsageError(f"{path} can't be read as NumPy's: {error}") from error


def _parsed(content: bytes) -> Any:
    """Return the array that .npy bytes hold; `ValueError` where they hold none, or objects."""
    stream = io.BytesIO(content)
    version = npy.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(f"version {version} of the format")
    shape, fortran, dtype = HEADERS[version](stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not read; text is: numpy.array(..., str)")
    size = len(content) - stream.tell()
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != size:
        raise ValueError(f"{size} bytes are no array of shape {shape} of {dtype}")
    if not size:
        return np.zeros(shape, dtype)
    flat = np.frombuffer(content, dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C")


def _with_sequences(arrays: Mapping[str, Any], path: Path) -> ArraySet:
    fed: ArraySet = {}
    parts: dict[str, dict[int, Any]] = {}
    for name, array in arrays.items():
        part = PART.fullmatch(name)
        if part is None:
            fed[name] = array
        else:
            parts.setdefault(part[1], {})[int(part[2])] = array
    for name, numbered in parts.items():
        if sorted(numbered) != list(range(len(numbered))):
            raise UsageError(f"{path}: the parts of {name!r} are not numbered 0, 1, 2 ...")
        fed[name] = [numbered[number] for number in sorted(numbered)]
    return fed


def _write(path: Path, sets: list[ArraySet]) -> Iterator[dict[str, str | list[str]]]:
    """Write all sets into one file under keys of our own; yield each set's keys by input."""
    stored: dict[str, Any] = {}

    def keep(array: Any) -> str:
        key = f"array{len(stored)}"
        stored[key] = array
        return key

    keys: list[dict[str, str | list[str]]] = [
        {
            name: [keep(part) for part in value] if isinstance(value, list) else keep(value)
            for name, value in arrays.items()
        }
        for arrays in sets
    ]
    np.savez(path, **stored)
    yield from keys
