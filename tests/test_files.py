"""Files that are written where a path leads to anything: devices, FIFOs, links, folders."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest

from profiler import files
from profiler.errors import NotWrittenError, UnreadError, UsageError
from tests.damage import NO_FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Writing = Callable[[Path], AbstractContextManager[BinaryIO]]

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mknod takes root")
FULL = os.makedev(1, 7)


def write(path: Path, content: bytes = b"page") -> None:
    with files.output(path) as file:
        file.write(content)


def test_an_output_replaces_a_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"before, and longer")
    path.chmod(0o640)
    for replace in (write, lambda path: files.write(path, b"page")):
        before = path.stat().st_ino
        replace(path)
        assert path.read_bytes() == b"page"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert path.stat().st_ino != before, "whoever has it open keeps the old one"


def test_a_name_as_long_as_one_may_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 127 + "n")
    write(path)
    assert [there.read_bytes() for there in tmp_path.iterdir()] == [b"page"]


def test_an_output_follows_a_link_into_its_targets_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, target = tmp_path / "page.html", tmp_path / "there" / "real.html"
    link.symlink_to(target)
    for _ in range(2):  # the first time it leads to nothing yet
        write(link)
        assert (link.readlink(), target.read_bytes()) == (target, b"page")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["real.html"]


def test_a_file_of_ours_takes_a_links_place_and_leaves_its_target_alone(tmp_path: Path) -> None:
    path, outside = tmp_path / "summary.json", tmp_path / "outside"
    outside.write_text("mine")
    path.symlink_to(outside)
    files.write(path, b"{}")
    assert (path.is_symlink(), path.read_bytes(), outside.read_text()) == (False, b"{}", "mine")


def test_an_output_to_a_device_leaves_it(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write(link)
    with files.appending(link) as file:
        file.write(b"more")
    assert link.readlink() == Path("/dev/null")
    assert stat.S_ISCHR(link.stat().st_mode)


@AS_ROOT
def test_an_output_to_a_full_device_is_an_error_and_leaves_it(tmp_path: Path) -> None:
    full = tmp_path / "full"
    os.mknod(full, stat.S_IFCHR | 0o666, FULL)
    for writing in (files.output, files.appending):
        refused = pytest.raises(NotWrittenError, match=r"full can't be written: No space left")
        with refused as caught, writing(full) as file:
            file.write(b"page")
        assert caught.value.exit_code == 3
    assert full.stat().st_rdev == FULL


def test_an_output_goes_into_a_fifo_that_is_read_and_never_waits_for_a_reader(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for writing in (files.output, files.appending):
        with pytest.raises(NotWrittenError, match=r"fifo can't be written: nobody reads"), writing(fifo):
            pass
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    write(fifo)
    assert os.read(reader, 100) == b"page"
    os.close(reader)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.parametrize("writing", [files.output, files.appending])
def test_a_reader_that_goes_is_told(writing: Writing, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    def write_unread() -> None:
        with writing(fifo) as file:
            os.close(reader)
            file.write(b"page")

    with pytest.raises(UnreadError, match=r"nobody reads from .*/fifo any more") as caught:
        write_unread()
    assert caught.value.exit_code == 141


@pytest.mark.parametrize("kind", ["folder", "endless link", "no folder"])
def test_what_can_not_be_an_output_is_an_error_that_names_it(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    if kind == "folder":
        path.mkdir()
        (path / "mine").write_text("")
    elif kind == "endless link":
        path.symlink_to(path)
    else:
        path = tmp_path / "gone" / "page.html"
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(NotWrittenError, match=r"page\.html can't be written: "):
        write(path)
    with pytest.raises(NotWrittenError, match=r"page\.html can't be written: "), files.appending(path):
        pass
    if kind != "endless link":  # ours takes the link's place
        with pytest.raises(NotWrittenError, match=r"page\.html can't be written: "):
            files.write(path, b"page")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("stream", ["/dev/stdout", "/proc/self/fd/1"])
def test_an_output_to_standard_output_stands_in_order_with_what_is_printed(
    stream: str, tmp_path: Path
) -> None:
    script = (
        "import sys; from pathlib import Path; from profiler import files\n"
        "print('one', flush=True)\n"
        f"with files.output(Path('{stream}')) as file: file.write(b'two\\n')\n"
        f"with files.appending(Path('{stream}')) as file: file.write(b'three\\n')\n"
        "print('four')\n"
    )
    expected = b"one\ntwo\nthree\nfour\n"
    piped = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE)
    assert piped.stdout == expected
    log = tmp_path / "log"
    with log.open("wb") as file:
        subprocess.run([sys.executable, "-c", script], check=True, stdout=file)
    assert log.read_bytes() == expected


@pytest.mark.parametrize("kind", NO_FILES)
def test_only_regular_files_are_read_and_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    NO_FILES[kind](path)
    for read in (files.read_json, files.read_text):
        with pytest.raises(UsageError, match=r"run\.json can't be read: "):
            read(path)
    with pytest.raises(OSError, match=r"regular file|symbolic links|No such device"):
        files.open_regular(path)


def test_what_would_make_one_wait_is_an_error() -> None:
    reads, writes = os.pipe2(os.O_NONBLOCK)
    with io.BufferedReader(files.AtOnce(reads, "rb")) as file:
        for size in (1, 10, -1):
            with pytest.raises(OSError, match="nothing comes from it"):
                file.read(size)
        with pytest.raises(OSError, match="nothing comes from it"):
            file.readline()
        os.write(writes, b"a\nb")
        os.close(writes)
        assert (file.readline(), file.read()) == (b"a\n", b"b")
