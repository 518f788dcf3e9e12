"""NumPy's .npz, read without trust: the file may come from a stranger.

`numpy.load` allocates what a header claims and hands headers to Python's parser. Here a header must be
the one that numpy writes for a flat column, byte for byte, and must agree with the bytes that are there.
Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from profiler.files import open_regular, replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.arrays import Column


MAX_BYTES = 1 << 30
"""Most that all columns together may take once unpacked: some 20 million samples."""

DTYPES = frozenset(
    np.dtype(name).str for name in ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
)
"""The column types that are written and read; none of them can hold an object."""

QUICK = 4
"""zlib's level: a million samples took a third of the time of its default, and 1 % more room."""

_SUFFIX = ".npy"
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([^']{3})', 'fortran_order': False, 'shape': \((\d{1,12}),\), \} *\n",
    re.DOTALL,
)


def write(path: Path, columns: Mapping[str, Column]) -> None:
    """Write flat columns, compressed, and replace the file in one step.

    `ValueError` for a column that `read` would refuse: more than one dimension, or another type.
    """
    for name, column in columns.items():
        if column.ndim != 1 or column.dtype.str not in DTYPES:
            raise ValueError(f"column {name!r} is {column.dtype} with {column.ndim} dimensions")
    with (
        replacing(path) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as archive,
    ):
        for name, column in columns.items():
            with archive.open(name + _SUFFIX, "w", force_zip64=True) as member:
                np.lib.format.write_array(
                    member, np.ascontiguousarray(column), version=(1, 0), allow_pickle=False
                )


def read(path: Path) -> dict[str, Column]:
    """Read all columns, read-only.

    `ValueError` with the reason when the file is not one of `write`'s, is damaged, or would take more than
    `MAX_BYTES`; `OSError` when it can't be opened.
    """
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_BYTES:
                raise ValueError(f"it unpacks to more than {MAX_BYTES >> 20} MiB")
            return {member.filename.removesuffix(_SUFFIX): _column(archive, member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"not a sound zip file ({error})") from error


def _column(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Column:
    # Only these two are unpacked within bounds by zipfile.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"column {member.filename!r} is compressed in another way")
    content = archive.read(member)
    header = _HEADER.match(content)
    dtype = "" if header is None else header[1].decode("latin-1")
    if header is None or dtype not in DTYPES:
        raise ValueError(f"column {member.filename!r} is not a flat column of numbers")
    values = memoryview(content)[header.end() :]
    if int(header[2]) * np.dtype(dtype).itemsize != len(values):
        raise ValueError(f"column {member.filename!r} is shorter or longer than it says")
    if dtype == "|b1":  # any byte may stand there, and numpy takes it to be 0 or 1
        return np.frombuffer(values, np.uint8).astype(np.bool_)
    return np.frombuffer(values, dtype)
