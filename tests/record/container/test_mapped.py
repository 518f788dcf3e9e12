from __future__ import annotations

import os
from pathlib import Path

import pytest

from profiler.record.container.mapped import copy_mapped, mapped_files, open_below

MAPS = """\
0041f000-006d3000 r-xp 0001f000 fe:00 3051327                            /usr/bin/python3.11
006d3000-00946000 r--p 002d3000 fe:00 3051327                            /usr/bin/python3.11
01a2b000-01c3d000 rw-p 00000000 00:00 0                                  [heap]
7efdf6400000-7efdf643b000 r-xp 00000000 fe:00 3045490                    /opt/numpy.libs/a library.so
7efdf6649000-7efdf66be000 r-xp 00009000 fe:00 3040758                    /opt/old.so (deleted)
7efdf94e9000-7efdfb0b5000 r-xp 000e9000 fe:00 3047875                    /opt/numpy.libs/a library.so
7efdf9600000-7efdf9601000 r-xp 00000000 fe:00 3047876                    /opt/two\\012lines.so
7efdfbf6b000-7efdfbf6f000 r--p 00000000 00:00 0                          [vvar]
7efdfbf6f000-7efdfbf71000 r-xp 00000000 00:00 0                          [vdso]
7efdfbf72000-7efdfbf98000 r-xp 00000000 00:00 0
"""


def test_files_that_code_runs_from() -> None:
    assert mapped_files(MAPS) == ["/usr/bin/python3.11", "/opt/numpy.libs/a library.so", "/opt/two\nlines.so"]


@pytest.fixture
def container(tmp_path: Path) -> Path:
    """A /proc with one process, whose root is a folder."""
    root = tmp_path / "7" / "root"
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "python3.11").write_bytes(b"\x7fELF python")
    (root / "opt" / "numpy.libs").mkdir(parents=True)
    (root / "opt" / "numpy.libs" / "a library.so").write_bytes(b"\x7fELF library")
    (tmp_path / "7" / "maps").write_text(MAPS)
    return tmp_path


def test_they_are_copied_to_the_same_paths(container: Path, tmp_path: Path) -> None:
    failed = copy_mapped(7, tmp_path / "mapped", container)
    assert (tmp_path / "mapped/usr/bin/python3.11").read_bytes() == b"\x7fELF python"
    assert (tmp_path / "mapped/opt/numpy.libs/a library.so").read_bytes() == b"\x7fELF library"
    assert failed == {"/opt/two\nlines.so": "No such file or directory"}


def test_no_link_leads_out_of_the_container(container: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a library.so").write_text("secret")
    root = container / "7" / "root"
    (root / "usr/bin/python3.11").unlink()
    (root / "usr/bin/python3.11").symlink_to(tmp_path / "secret" / "a library.so")
    (root / "opt/numpy.libs/a library.so").unlink()
    (root / "opt/numpy.libs").rmdir()
    (root / "opt/numpy.libs").symlink_to(tmp_path / "secret")
    failed = copy_mapped(7, tmp_path / "mapped", container)
    assert len(failed) == 3
    assert not [file for file in (tmp_path / "mapped").rglob("*") if file.is_file()]


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")  # opening it would wait for a writer
    root = os.open(tmp_path, os.O_PATH)
    try:
        with pytest.raises(OSError, match="not a regular file"):
            open_below(root, "/fifo")
    finally:
        os.close(root)


def test_a_process_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_mapped(2**22 + 1, tmp_path)


def test_our_own_interpreter_is_mapped(tmp_path: Path) -> None:
    """The kernel's own format."""
    copy_mapped(os.getpid(), tmp_path)
    mine = Path(f"/proc/{os.getpid()}/exe").resolve()
    assert (tmp_path / str(mine).lstrip("/")).read_bytes() == mine.read_bytes()
