"""Files that are replaced in one step: readers see the old content or the new."""

from __future__ import annotations

import contextlib
import json
import secrets
from typing import TYPE_CHECKING, Any, BinaryIO

from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes `path`'s place when the block ends well, and leaves no trace otherwise.

    `OSError` when it can't be written.
    """
    # Not tempfile's, whose files only their owner can read: reports are shared, containers have other users.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Replace a file's content."""
    with replacing(path) as file:
        file.write(content)


def write_json(path: Path, document: object) -> None:
    """Replace a file by a JSON document, indented; NaN is refused, because JSON has none."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write(path, text.encode() + b"\n")


def read_json(path: Path) -> Any:
    """Read a JSON document; `UsageError` names the file when it is missing or broken."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} can't be read: {error}") from error


def below(root: Path, path: str) -> Path:
    """Return where a path of another file system lies when `root` is that one's root.

    What would lead out of `root` stays in it: paths in recordings may come from a stranger.
    """
    return root.joinpath(*(part for part in path.split("/") if part not in ("", ".", "..")))
