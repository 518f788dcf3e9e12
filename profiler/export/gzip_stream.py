"""Compression of formats that are gzipped."""

from __future__ import annotations

from gzip import GzipFile
from typing import BinaryIO

LEVEL = 6
"""gzip's own default; Python's, 9, takes several times as long for a few per cent."""


def gzip_stream(out: BinaryIO) -> GzipFile:
    """Return a stream that compresses into another; the same content gives the same bytes at any time."""
    return GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=out, mtime=0)
