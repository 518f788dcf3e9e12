"""Files: read without waiting or believing, replaced in one step so that readers see the old or the new.

Files of ours (`replacing`, `write`) take the place of what stands at their path, a link too: a run directory
may come from a stranger, and its links lead anywhere. What a user names (`output`, `appending`) is written
where a link leads, and what is no regular file is written to, not replaced.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import msgspec

from profiler.errors import NotWrittenError, UnreadError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer


Read = TypeVar("Read", int, bytes)
HINTS = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "your quota on that disk is used up",
    errno.EACCES: "you may not write there",
    errno.EROFS: "that file system is mounted read-only",
    errno.EMFILE: "allow more open files: ulimit -n 1024",
    errno.ENOENT: "is the working directory still there?",
}
"""What to do about a file that can't be written, where the caller knows nothing better."""
NAME_SHOWN = 50
"""Characters of a file's name that its temporary one keeps: a name that is as long as may be has no room."""
STDOUT = Path("/dev/stdout")
"""What a user calls `-` where a document is written."""


@contextlib.contextmanager
def replacing(path: Path, *, hint: str | None = None) -> Iterator[BinaryIO]:
    """Open a file that takes `path`'s place when the block ends well, and leaves no trace otherwise.

    It keeps the permissions of a file that was there. `NotWrittenError` when it can't be written:
    permissions, space, a folder in its place.
    """
    # Not tempfile's, whose files only their owner can read: reports are shared, containers have other users.
    temporary = path.with_name(f".{path.name[:NAME_SHOWN]}.{os.urandom(4).hex()}")
    try:
        with temporary.open("xb") as file:
            with contextlib.suppress(FileNotFoundError):
                before = path.lstat().st_mode
                if stat.S_ISREG(before):
                    os.fchmod(file.fileno(), before & 0o777)
            yield file
        temporary.replace(path)
    except OSError as error:
        raise not_written(path, error, hint) from error
    finally:
        with contextlib.suppress(OSError):  # the folder may be gone, or closed to us
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def output(path: Path, *, hint: str | None = None) -> Iterator[BinaryIO]:
    """Open what a user named for output; a regular file, or none, is replaced where its link leads.

    A device, a FIFO with a reader or a standard stream is written to. `NotWrittenError` as `replacing`,
    `UnreadError` where the reader goes.
    """
    with _written(path, hint):
        descriptor = _open_irreplaceable(path)
        if descriptor is not None:
            with os.fdopen(descriptor, "wb") as file:
                yield file
            return
    with replacing(Path(os.path.realpath(path)), hint=hint) as file:
        yield file


def make_folder(path: Path, *, hint: str | None = None) -> None:
    """Make a folder that a user named, where it is not there; `NotWrittenError` where that can't be."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise not_written(path, error, hint) from error


@contextlib.contextmanager
def appending(path: Path) -> Iterator[BinaryIO]:
    """Open what a user named to add to its end; errors and what is no regular file as with `output`."""
    with (
        _written(path, None),
        os.fdopen(_open_to_write(path, os.O_APPEND | os.O_CREAT), "ab") as file,
    ):
        yield file


@contextlib.contextmanager
def _written(path: Path, hint: str | None) -> Iterator[None]:
    """Let a block open and write what a user named; errors as with `output`."""
    try:
        yield
    except BrokenPipeError as error:
        raise UnreadError(f"nobody reads from {_called(path)} any more") from error
    except OSError as error:
        raise not_written(path, error, hint) from error


def _open_irreplaceable(path: Path) -> int | None:
    """Open what is no regular file, or a standard stream's; None where there is another file, or none."""
    try:
        descriptor = _open_to_write(path, 0)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode) and not _standard_stream(descriptor):
        os.close(descriptor)
        return None
    return descriptor


def _open_to_write(path: Path, flags: int) -> int:
    """Open at once, where a FIFO without a reader would wait; a standard stream goes on where it stands."""
    flags |= os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads from it", str(path)) from error
        raise
    standard = _standard_stream(descriptor)
    if standard:
        os.dup2(standard, descriptor, inheritable=False)
    else:
        os.set_blocking(descriptor, True)
    return descriptor


def _standard_stream(descriptor: int) -> int:
    """Return the standard output or error that an open file is too; 0 where it is neither."""
    opened = os.fstat(descriptor)
    for standard in (1, 2):
        with contextlib.suppress(OSError):  # closed
            if os.path.samestat(opened, os.fstat(standard)):
                return standard
    return 0


def not_written(path: Path, error: OSError, hint: str | None = None) -> NotWrittenError:
    """Return the error for a file, or its folder, that the system refuses to write."""
    return NotWrittenError(
        f"{_called(path)} can't be written: {error.strerror or error}",
        hint=hint or HINTS.get(error.errno or 0),
    )


def _called(path: Path) -> str:
    return "standard output" if path == STDOUT else str(path)


def write(path: Path, content: bytes, *, hint: str | None = None) -> None:
    """Replace a file's content; `NotWrittenError` when it can't be written."""
    with replacing(path, hint=hint) as file:
        file.write(content)


def write_json(path: Path, document: object) -> None:
    """Replace a file by a JSON document, indented; `ValueError` for NaN, because JSON has none."""
    # Python's encoder is twenty times slower where it indents.
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    plain = text.encode("utf-8", "replace")  # a path that is no UTF-8 holds lone surrogates
    write(path, msgspec.json.format(plain, indent=1) + b"\n")


LARGEST = 1 << 30
"""Bytes of a file that is read whole: a million requests take a fifth of that."""
KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


def open_regular(path: Path | str) -> BinaryIO:
    """Open a regular file for reading, at once; `OSError` for anything else that a path can lead to.

    A FIFO would wait for a writer, a device never end. What is looked at is the open file, not the path,
    behind which another program may put something else meanwhile.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    _require_regular(descriptor, path)
    return io.BufferedReader(AtOnce(descriptor, "rb"))


class AtOnce(io.FileIO):
    """An open file whose reading never waits: `OSError` where it would, as in some of /proc (`kmsg`)."""

    def readinto(self, buffer: Buffer, /) -> int:
        """Read into a buffer."""
        count: int | None = super().readinto(buffer)
        return _there(count)

    def readall(self) -> bytes:
        """Read to the end."""
        return _there(super().readall())


def _there(read: Read | None) -> Read:
    if read is None:
        raise OSError(errno.EAGAIN, "nothing comes from it")
    return read


def _require_regular(descriptor: int, path: Path | str) -> None:
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"it is {KINDS.get(kind, 'no file')}, not a regular file", str(path))


def open_mark(path: Path) -> BinaryIO:
    """Open a file that exists to be locked, made where it is missing; `OSError` for anything else there.

    A link is not followed: in a stranger's folder it leads anywhere.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666)
    _require_regular(descriptor, path)
    return cast("BinaryIO", os.fdopen(descriptor, "r+b"))


def read(path: Path, largest: int = LARGEST) -> bytes:
    """Return what a regular file holds; `OSError` where it can't be read or has more than `largest` bytes."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > largest:
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than {largest:,}", str(path))
        return file.read(size)


def content(path: Path, largest: int = LARGEST) -> bytes:
    """Return what `read` does; `UsageError` names the file where it can't be read."""
    try:
        return read(path, largest)
    except OSError as error:
        raise not_read(path, error) from error


def not_read(path: Path | str, error: OSError) -> UsageError:
    """Return the error for a file that was named to be read, and that the system refuses."""
    return UsageError(f"{path} can't be read: {error.strerror}")


def read_text(path: Path, largest: int = LARGEST) -> str:
    """Read a file that a user wrote; `UsageError` names it when it is missing, no file or no UTF-8."""
    try:
        return content(path, largest).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} can't be read: {error}") from error


def read_json(path: Path) -> Any:
    """Read a JSON document; `UsageError` names the file when it is missing or broken."""
    try:
        return msgspec.json.decode(content(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} can't be read: {error}") from error


def below(root: Path, path: str) -> Path:
    """Return where a path of another file system lies when `root` is that one's root.

    What would lead out of `root` stays in it: paths in recordings may come from a stranger.
    """
    return root.joinpath(*(part for part in path.split("/") if part not in ("", ".", "..")))
