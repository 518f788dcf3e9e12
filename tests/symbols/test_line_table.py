from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from symbolic.debuginfo import Archive

from profiler.symbols import line_table
from profiler.symbols.elf import NOWHERE, ElfFile, ElfFormatError
from profiler.symbols.line_table import Location, open_lines
from tests.waiting import FUNCTION, VARIANTS, compile_waiting, line_of, pause_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("waiting")


@pytest.mark.parametrize("variant", sorted(set(VARIANTS) - {"debug"}))
def test_the_inline_chain_of_the_pause_is_known(folder: Path, variant: str) -> None:
    library = compile_waiting(folder, variant)
    index, pause = pause_in(library, folder)
    table = open_lines(index.elf, cache_folder=folder)
    assert table is not None
    (found,) = table.locate(np.array([pause]))
    file = str(folder / "waiting.cpp")
    # An instance for a lambda is internal, so compilers name it without its namespace.
    assert "Poll<" in found[1].function
    assert [(one.file, one.line) for one in found] == [
        (file, line_of("pause")),
        (file, line_of("calls pause")),
        (file, line_of("polls")),
    ]
    assert (found[0].function, found[2].function) == ("waiting::SpinPause", FUNCTION)


@pytest.mark.parametrize("variant", ["shifted", "mold"])
def test_file_offsets_are_no_addresses(folder: Path, variant: str) -> None:
    """perf prints the pause's offset: looked up without the program headers it is another place, or none."""
    index, pause = pause_in(compile_waiting(folder, variant), folder)
    table = open_lines(index.elf, cache_folder=folder)
    assert table is not None
    offset = index.elf.to_offsets(np.array([pause]))
    assert offset.tolist() != [pause]
    right, wrong = table.locate(np.concatenate([index.elf.to_addresses(offset), offset]))
    assert right[0].line == line_of("pause")
    assert wrong[:1] != right[:1]


def test_unoptimised_code_has_its_lines(folder: Path) -> None:
    """Nothing is inlined but what must be."""
    index, pause = pause_in(compile_waiting(folder, "debug"), folder)
    table = open_lines(index.elf, cache_folder=folder)
    assert table is not None
    assert table.locate(np.array([pause]))[0][0] == Location(
        "waiting::SpinPause", str(folder / "waiting.cpp"), line_of("pause")
    )


def test_addresses_elsewhere_are_nowhere(folder: Path) -> None:
    index, _ = pause_in(compile_waiting(folder, "shifted"), folder)
    table = open_lines(index.elf, cache_folder=folder)
    assert table is not None
    assert table.locate(np.array([NOWHERE, 0, 1, 2**40, 2**62])) == [()] * 5
    assert table.locate(np.zeros(0, np.int64)) == []


def test_the_table_is_kept_by_build(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, pause = pause_in(compile_waiting(folder, build_id="sha1"), tmp_path)
    first = open_lines(index.elf, cache_folder=tmp_path)
    assert first is not None
    (kept,) = tmp_path.glob("*.symcache")
    monkeypatch.setattr(Archive, "open", lambda _: pytest.fail("the debug information was read again"))
    second = open_lines(index.elf, cache_folder=tmp_path)
    assert second is not None
    assert second.locate(np.array([pause])) == first.locate(np.array([pause]))
    monkeypatch.undo()
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    again = open_lines(index.elf, cache_folder=tmp_path)
    assert again is not None
    assert again.locate(np.array([pause])) == first.locate(np.array([pause]))
    assert kept.stat().st_size > 1000


def test_a_cache_that_cannot_be_written_is_not_kept(folder: Path, tmp_path: Path) -> None:
    index, pause = pause_in(compile_waiting(folder, build_id="sha1"), folder)
    (tmp_path / "file").write_text("no folder")
    table = open_lines(index.elf, cache_folder=tmp_path / "file")
    assert table is not None
    assert table.locate(np.array([pause]))[0]


def test_a_library_without_debug_information_has_none(folder: Path, tmp_path: Path) -> None:
    stripped = tmp_path / "stripped.so"
    shutil.copy(compile_waiting(folder, build_id="sha1"), stripped)
    subprocess.run(["strip", str(stripped)], check=True)
    assert open_lines(ElfFile.open(stripped), cache_folder=tmp_path) is None
    assert not list(tmp_path.glob("*.symcache"))


def test_a_separate_debug_file_is_found_by_build_id(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, pause = pause_in(compile_waiting(folder, build_id="sha1"), folder)
    assert index.build_id is not None
    apart = tmp_path / index.build_id[:2] / f"{index.build_id[2:]}.debug"
    apart.parent.mkdir()
    stripped = tmp_path / "stripped.so"
    subprocess.run(["objcopy", "--only-keep-debug", index.elf.path, str(apart)], check=True)
    subprocess.run(["objcopy", "--strip-debug", index.elf.path, str(stripped)], check=True)
    monkeypatch.setattr(line_table, "DEBUG_FILES", tmp_path)
    table = open_lines(ElfFile.open(stripped), cache_folder=tmp_path)
    assert table is not None
    assert table.locate(np.array([pause]))[0][0].line == line_of("pause")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_debug_information_is_told_or_harmless(
    folder: Path, tmp_path: Path, data: st.DataObject
) -> None:
    elf = ElfFile.open(compile_waiting(folder, build_id="sha1"))
    parts = [part for part in elf.sections if part.name.startswith(".debug_")]
    content = bytearray(elf.data)
    for _ in range(data.draw(st.integers(1, 8))):
        part = data.draw(st.sampled_from(parts))
        content[part.offset + data.draw(st.integers(0, part.size - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(content)
    start = int(elf.code[0].address)
    with contextlib.suppress(ElfFormatError):
        table = open_lines(ElfFile.open(damaged), cache_folder=tmp_path / str(hash(bytes(content))))
        if table is not None:
            table.locate(np.arange(start, start + 2000))
