"""A store: a folder, here or in an object store, that many machines put their runs into.

It is laid out as a reports folder, without recordings, and holds the dataset beside (see `dataset`). A run is
there as soon as its run.json is, which is written last; likewise a study. What is read comes from strangers.
"""

from __future__ import annotations

import contextlib
import errno
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler import files
from profiler.errors import MachineError, OrtprofError, UsageError
from profiler.extras import missing, need

if TYPE_CHECKING:
    from collections.abc import Iterator

SAFE = re.compile(r"[A-Za-z0-9_+=-][A-Za-z0-9._+=-]*")
"""A file's name that leads nowhere else."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of a file system that fsspec knows."""

    url: str
    files: Any
    """`fsspec.AbstractFileSystem`."""
    root: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of this machine's file system."""
        return "file" in self.files.protocol

    def write(self, name: str, content: bytes) -> None:
        """Replace a file, in one step; `MachineError` where that fails."""
        path = f"{self.root}/{name}"
        with self._reached():
            self.files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self.files.transaction, self.files.open(path, "wb") as file:
                file.write(content)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[Any]:
        """Open a file by its full path, as `find` returns it."""
        with self._reached(), self._opened(path) as file:
            yield file

    def _opened(self, path: str) -> Any:
        """Open a file of a folder as `files.open_regular` does; in an object store there is nothing else."""
        if not self.is_folder:
            return self.files.open(path, "rb")
        try:
            return files.open_regular(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise files.not_read(path, error) from error

    def read(self, name: str) -> bytes:
        """Return what a file holds; `UsageError` where there is none, or what no run has."""
        path = f"{self.root}/{name}"
        with self._reached():
            try:
                with self._opened(path) as file:
                    content: bytes = file.read(files.LARGEST + 1)
            except FileNotFoundError as error:
                raise UsageError(f"{self.url} has no {name}") from error
        if len(content) > files.LARGEST:
            raise UsageError(f"{path} has more than {files.LARGEST:,} bytes")
        return content

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none where it is not there."""
        with self._reached():
            self.files.invalidate_cache()
            try:
                listed = self.files.ls(f"{self.root}/{folder}".rstrip("/"), detail=False)
            except FileNotFoundError:
                return []
        return sorted(name for path in listed if SAFE.fullmatch(name := path.rstrip("/").rpartition("/")[2]))

    def find(self, folder: str, ending: str) -> list[str]:
        """Return the full paths of all files below a folder that end so, sorted.

        `UsageError` where what stands there is no file, on which a reader might wait.
        """
        with self._reached():
            self.files.invalidate_cache()
            try:
                paths: list[str] = self.files.find(f"{self.root}/{folder}")
            except FileNotFoundError:
                return []
        ending_so = sorted(path for path in paths if path.endswith(ending))
        for path in ending_so if self.is_folder else ():
            if not Path(path).is_file():
                raise UsageError(f"{path} is no regular file", hint="remove it from the store")
        return ending_so

    def require_there(self) -> Store:
        """Return itself; `UsageError` where nothing was put there, which else reads as an empty store."""
        with self._reached():
            if not self.files.isdir(self.root):
                raise UsageError(
                    f"there is no store {self.url}", hint=f"`ortprof publish --store {self.url}` makes one"
                )
        return self

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OrtprofError:
            raise
        except Exception as error:  # each file system has errors of its own
            if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
                raise UsageError(f"the store {self.url} can't be used: {error.strerror}") from error
            why = " ".join(str(error).split()) or type(error).__name__
            raise MachineError(
                f"the store {self.url} can't be used: {why}",
                hint="address and credentials are those of its own client: AWS_ENDPOINT_URL, AWS_PROFILE ...",
            ) from error


def open_store(url: str) -> Store:
    """Return the store at a URL that fsspec knows: a folder, `s3://bucket/folder`, `gs://bucket/folder`.

    `UsageError` for another kind of URL, `MachineError` where the library for it is not installed.
    """
    fsspec = need("fsspec", "store")
    try:
        files, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise missing(f"--store {url}", "store", error) from error
    except ValueError as error:
        raise UsageError(
            f"--store {url}: {error}", hint="a folder, s3://bucket/folder or gs://bucket/folder"
        ) from error
    return Store(url, files, root.rstrip("/"))
