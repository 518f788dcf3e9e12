"""Session entries that an ONNX Runtime never reads: its library holds the text of each key that it does."""

from __future__ import annotations

import difflib
import mmap
from typing import TYPE_CHECKING

from profiler.files import open_regular
from profiler.run.doubt import Doubt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def unread(keys: Iterable[str], library: Path, version: str, known: Iterable[str]) -> list[Doubt]:
    """Return a doubt for each key that the library does not hold, with the nearest one that it does."""
    wanted = list(keys)
    if not wanted:
        return []
    with open_regular(library) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        held = [key for key in known if _holds(content, key)]
        missing = [key for key in wanted if not _holds(content, key)]
    return [_doubt(key, version, held) for key in missing]


def _holds(content: mmap.mmap, key: str) -> bool:
    # Its end alone is looked for: linkers keep a text that another one ends with inside that one.
    return content.find(key.encode() + b"\0") >= 0


def _doubt(key: str, version: str, held: list[str]) -> Doubt:
    near = difflib.get_close_matches(key, held, n=1)
    hint = f"did you mean {near[0]}?" if near else "look the key up in this version's documentation"
    return Doubt(f"the session entry {key}", f"ONNX Runtime {version} reads no {key} and ignores it", hint)
