"""What may stand at the path of a file that is to be read, other than that file."""

from __future__ import annotations

import os
import shutil
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_PATH)  # a socket's path has at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def _folder(path: Path) -> None:
    path.mkdir()


def _endless_link(path: Path) -> None:
    path.symlink_to(path)


NO_FILES: dict[str, Callable[[Path], None]] = {
    "fifo": _fifo,
    "device": _device,
    "socket": _socket,
    "folder": _folder,
    "endless link": _endless_link,
}
"""What is no regular file, each put at a path where nothing stands."""
GARBAGE = {
    "empty": b"",
    "binary": bytes(range(256)) * 8,
    "text": b"hello\n",
    "list": b"[]\n",
    "null": b"null\n",
    "deep": b"[" * 100_000 + b"\n",
    "endless number": b"1" * 5_000 + b"\n",
}
"""Contents of a regular file."""
CUT = "cut"
DAMAGE = (*NO_FILES, *GARBAGE, CUT)


def damage(path: Path, kind: str) -> None:
    """Put one kind of damage in the place of a file."""
    content = path.read_bytes() if path.is_file() else b""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if kind in NO_FILES:
        NO_FILES[kind](path)
    elif kind == CUT:
        path.write_bytes(content[: len(content) * 2 // 3])
    else:
        path.write_bytes(GARBAGE[kind])
