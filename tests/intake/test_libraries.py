from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from profiler.intake import libraries
from profiler.intake.libraries import Found, Library
from profiler.symbols.elf import ElfFile

LIBC = next(
    path
    for folder in ("/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64")
    if (path := Path(folder, "libc.so.6")).exists()
)
BUILD_ID = ElfFile.open(LIBC).build_id or ""
OTHER = "ab" * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "binaries" / "deep"
    inner.mkdir(parents=True)
    (inner / "notes.txt").write_text("no library")
    return tmp_path / "binaries"


def find(library: Library, folder: Path | None) -> Found:
    return libraries.find([library], folder)


def test_by_build_id_whatever_the_name(folder: Path) -> None:
    copy = shutil.copy(LIBC, folder / "deep" / "renamed.bin")
    found = find(Library("/gone/libx.so", BUILD_ID), folder)
    assert (found.at, found.missing, found.unproven) == ({"/gone/libx.so": Path(copy)}, {}, ())


def test_perf_pads_short_build_ids(folder: Path) -> None:
    shutil.copy(LIBC, folder / "libx.so")
    assert find(Library("/gone/libx.so", BUILD_ID + "0000"), folder).at


def test_another_build_is_no_match(folder: Path) -> None:
    shutil.copy(LIBC, folder / "libx.so")
    found = find(Library("/gone/libx.so", OTHER), folder)
    assert found.at == {}
    assert "another build" in found.missing["/gone/libx.so"]


def test_by_name_where_no_build_id_was_recorded(folder: Path) -> None:
    copy = shutil.copy(LIBC, folder / "libx.so")
    found = find(Library("/gone/libx.so", None), folder)
    assert (found.at, found.unproven) == ({"/gone/libx.so": Path(copy)}, ("/gone/libx.so",))
    assert find(Library("/gone/notes.txt", None), folder).missing


def test_where_it_was_if_it_is_the_same_file() -> None:
    assert find(Library(str(LIBC), BUILD_ID), None).at == {str(LIBC): LIBC}
    assert "another build" in find(Library(str(LIBC), OTHER), None).missing[str(LIBC)]
    assert find(Library("/gone/libx.so", BUILD_ID), None).missing == {"/gone/libx.so": "no such file here"}


def test_copies_stay_below_their_folder(tmp_path: Path) -> None:
    out = tmp_path / "mapped"
    found = Found({"/a/../../libx.so": LIBC, "/b/liby.so": Path(sys.executable)}, {}, ())
    libraries.keep(found, out)
    assert (out / "a" / "libx.so").read_bytes() == LIBC.read_bytes()
    libraries.drop(found, {"/a/../../libx.so"}, out)
    assert [path for path in out.rglob("*") if path.is_file()] == [out / "a" / "libx.so"]
    assert [path.name for path in tmp_path.iterdir()] == ["mapped"]
