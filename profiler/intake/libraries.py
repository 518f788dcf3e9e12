"""The libraries that a recording was made of, found on this machine and kept with the run."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from profiler import files
from profiler.symbols.elf import ElfFile, ElfFormatError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MOST_FILES = 100_000
"""In a folder of libraries: more is somebody's whole disk."""


@dataclass(frozen=True, slots=True)
class Library:
    """A file that a recording has code of."""

    path: str
    """Where it was."""
    build_id: str | None
    """As hexadecimal digits; None where the recording does not say."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of the search."""

    at: dict[str, Path]
    """By the library's path."""
    missing: dict[str, str]
    """Library's path to reason."""
    unproven: tuple[str, ...]
    """Paths of libraries that were matched by name alone: the recording has no build ids."""


def find(libraries: Iterable[Library], folder: Path | None) -> Found:
    """Look for each library in a folder, by build id, else by name, and then at its own path.

    A file of another build id is another library, whatever its name: its instructions would lie.
    """
    inside = _Folder(folder)
    at: dict[str, Path] = {}
    missing: dict[str, str] = {}
    unproven = []
    for library in libraries:
        candidates = [*inside.candidates(library), Path(library.path)]
        ids = {path: _build_id(path) for path in candidates}
        proven = next(
            (path for path in candidates if library.build_id and _same(ids[path], library.build_id)), None
        )
        readable = [path for path in candidates if ids[path] is not None]
        if proven is not None:
            at[library.path] = proven
        elif library.build_id is None and readable:
            at[library.path] = readable[0]
            unproven.append(library.path)
        elif readable:
            missing[library.path] = (
                f"{readable[0]} is another build: its build id is {ids[readable[0]] or 'missing'}"
            )
        else:
            missing[library.path] = "no such file here"
    return Found(at, missing, tuple(unproven))


def keep(library: Found, folder: Path) -> None:
    """Copy what was found to the libraries' paths below `folder`; `NotWrittenError` where that fails."""
    for path, source in library.at.items():
        copy = files.below(folder, path)
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            with files.open_regular(source) as content, copy.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
        except OSError as error:
            raise files.not_written(copy, error) from error


def drop(library: Found, used: Collection[str], folder: Path) -> None:
    """Remove copies that `keep` made and that no frame is in: they were needed for unwinding alone."""
    for path in library.at:
        if path in used:
            continue
        copy = files.below(folder, path)
        copy.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others are in it
            copy.parent.rmdir()


class _Folder:
    """A folder's files by name, and by build id once somebody asks for one that no name has."""

    def __init__(self, folder: Path | None) -> None:
        self._by_name: dict[str, list[Path]] = {}
        for path in () if folder is None else _files(folder):
            self._by_name.setdefault(path.name, []).append(path)
        self._by_id: dict[str, Path] | None = None

    def candidates(self, library: Library) -> list[Path]:
        """Return the files that may be a library, the surest first."""
        named = self._by_name.get(PurePosixPath(library.path).name, [])
        if library.build_id is None or any(_same(_build_id(path), library.build_id) for path in named):
            return named
        if self._by_id is None:
            everything = [path for paths in self._by_name.values() for path in paths]
            self._by_id = {build_id: path for path in everything if (build_id := _build_id(path))}
        same = [path for build_id, path in self._by_id.items() if _same(build_id, library.build_id)]
        return [*same, *named]


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            yield Path(parent, name)


def _build_id(path: Path) -> str | None:
    """Return a library's build id, empty where it has none; None where it is no library."""
    try:
        return ElfFile.open(path).build_id or ""
    except ElfFormatError:
        return None


def _same(build_id: str | None, recorded: str) -> bool:
    """Whether build ids are the same; perf pads short ones with zeros to twenty bytes."""
    return (
        bool(build_id)
        and recorded.startswith(build_id or " ")
        and not recorded[len(build_id or "") :].strip("0")
    )
