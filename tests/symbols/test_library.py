from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from profiler.symbols import index_cache
from profiler.symbols import library as library_module
from profiler.symbols.library import COLUMNS, open_library

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.symbols.library import LibraryIndex

    Build = Callable[[str], Path]


SOURCE = Path(__file__).parent.parent / "data" / "asm" / "polling.cpp"


def columns(index: LibraryIndex) -> dict[str, list[object]]:
    return {name: column.tolist() for name, column in library_module._to_columns(index).items()}


@pytest.fixture
def no_analysis(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, only a cache can answer."""

    def forbidden(*_: object) -> None:
        pytest.fail("the library was analysed again")

    return lambda: monkeypatch.setattr(library_module, "find_spin_instructions", forbidden)


def test_the_cache_gives_what_the_analysis_gave(
    build: Build, tmp_path: Path, no_analysis: Callable[[], None]
) -> None:
    first = open_library(build("outlined"), cache_folder=tmp_path)
    no_analysis()
    second = open_library(build("outlined"), cache_folder=tmp_path)
    assert columns(second) == columns(first)
    assert [second.functions.name(i) for i in range(len(second.functions))] == [
        first.functions.name(i) for i in range(len(first.functions))
    ]
    assert (second.build_id, second.symbol_level) == (first.build_id, "symtab")


def test_a_stripped_file_of_the_same_build_has_a_cache_of_its_own(build: Build, tmp_path: Path) -> None:
    full = open_library(build("outlined"), cache_folder=tmp_path)
    stripped = open_library(build("outlined-stripped"), cache_folder=tmp_path)
    assert stripped.build_id == full.build_id
    assert stripped.symbol_level == "none"
    assert len(list(tmp_path.glob("*.npz"))) == 2


@pytest.mark.parametrize(
    "damage", ["empty", "cut", "text", "flipped", "other columns", "wild index", "pickle"]
)
def test_a_damaged_cache_is_built_anew(build: Build, tmp_path: Path, damage: str) -> None:
    expected = columns(open_library(build("outlined"), cache_folder=tmp_path))
    (entry,) = tmp_path.glob("*.npz")
    content = entry.read_bytes()
    stored = {name: np.array(expected[name], kind) for name, kind in COLUMNS.items()}
    if damage == "empty":
        entry.write_bytes(b"")
    elif damage == "cut":
        entry.write_bytes(content[: len(content) // 2])
    elif damage == "text":
        entry.write_text("not an archive")
    elif damage == "flipped":
        half = len(content) // 2
        entry.write_bytes(
            content[:half] + bytes(255 - byte for byte in content[half : half + 64]) + content[half + 64 :]
        )
    elif damage == "other columns":
        index_cache.save(entry, {**stored, "spins.address": stored["spins.address"].astype("f8")})
    elif damage == "wild index":
        index_cache.save(entry, {**stored, "polling.functions": stored["polling.functions"] + 10_000})
    else:
        with_objects: dict[str, Any] = {**stored, "spins.address": np.array([None], object)}
        np.savez(entry, **with_objects)
    assert columns(open_library(build("outlined"), cache_folder=tmp_path)) == expected
    with np.load(entry, allow_pickle=False) as rebuilt:
        assert {name: rebuilt[name].tolist() for name in rebuilt} == expected
    assert [path.name for path in tmp_path.iterdir()] == [entry.name]


def test_a_cache_that_cannot_be_written_is_no_error(build: Build, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = open_library(build("outlined"), cache_folder=tmp_path / "file" / "folder")
    assert len(index.spins.address) == 2


def test_a_file_without_a_build_id_is_not_cached(tmp_path: Path) -> None:
    source = tmp_path / "empty.c"
    source.write_text("int answer(void) { return 42; }\n")
    library = tmp_path / "empty.so"
    subprocess.run(["gcc", "-shared", "-Wl,--build-id=none", "-o", str(library), str(source)], check=True)
    index = open_library(library, cache_folder=tmp_path / "cache")
    assert index.build_id is None
    assert len(index.polling.functions) == 0
    assert not (tmp_path / "cache").exists()


def test_the_default_folder_follows_xdg(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    open_library(build("outlined"))
    assert len(list((tmp_path / "ortprof" / "symbols").glob("*.npz"))) == 1


@pytest.mark.parametrize("option", ["-pie", "-no-pie", "-static"])
def test_an_executable_is_indexed_like_a_library(tmp_path: Path, option: str) -> None:
    main = tmp_path / "main.cpp"
    main.write_text(f'#include "{SOURCE}"\nint main() {{ join(); }}\n')
    program = tmp_path / "program"
    subprocess.run(["g++", "-O2", option, "-o", str(program), str(main)], check=True)
    subprocess.run(["strip", "-o", str(tmp_path / "stripped"), str(program)], check=True)
    full = open_library(program, cache_folder=tmp_path / "cache")
    stripped = open_library(tmp_path / "stripped", cache_folder=tmp_path / "cache")
    waiting = {full.functions.name(int(at)) for at in full.polling.functions}
    assert {"worker_loop", "join", "join_on_stack", "join_with_delay"} <= waiting
    starts = [library.functions.start[library.polling.functions].tolist() for library in (full, stripped)]
    assert starts[0] == starts[1]
