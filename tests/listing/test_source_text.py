from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.listing import source_text
from profiler.listing.source_text import (
    ABSENT,
    AROUND,
    HOTTEST,
    LEFT_OUT,
    LONGEST_LOOP,
    WIDEST,
    SourceOptions,
    SourceTree,
    choose_lines,
    shown,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = [f"line {number}" for number in range(1, 501)]


def test_the_hottest_lines_come_with_some_around_them() -> None:
    lines = choose_lines({100: 0.3, 104: 0.1, 200: 0.0}, {100: 0.1, 300: 0.4}, (), TEXT)
    assert [line.number for line in lines] == [*range(97, 108), *range(297, 304)]
    assert {line.number: line.share for line in lines if line.share} == {100: 0.3, 104: 0.1}
    assert {line.number: line.total for line in lines if line.total} == {100: 0.1, 300: 0.4}
    assert [line.number for line in lines if line.gap] == [297]
    assert lines[3].text == "line 100"


def test_the_hot_loop_is_shown_whole_unless_it_is_long() -> None:
    short, long = {10, 40}, {10, 10 + LONGEST_LOOP}
    assert [line.number for line in choose_lines({10: 1.0}, {}, short, TEXT)] == [*range(7, 41)]
    assert len(choose_lines({10: 1.0}, {}, long, TEXT)) == 2 * AROUND + 1
    assert {line.number for line in choose_lines({10: 1.0}, {}, short, TEXT) if line.loop} == short


def test_without_text_the_hottest_lines_stand_alone() -> None:
    lines = choose_lines({line: float(line) for line in range(1, 101)}, {}, {3}, None)
    assert [line.number for line in lines] == list(range(101 - HOTTEST, 101))
    assert {line.text for line in lines} == {None}


def test_lines_that_a_changed_file_has_not_are_left_out() -> None:
    assert [line.number for line in choose_lines({499: 0.1, 600: 0.9}, {}, {700}, TEXT)] == [*range(496, 501)]


def test_a_file_is_where_the_compiler_found_it(tmp_path: Path) -> None:
    file = tmp_path / "a.cpp"
    file.write_text("int a;\n\tint b;\n")
    assert SourceTree(SourceOptions()).text(str(file)) == ["int a;", "    int b;", ""]
    assert SourceTree(SourceOptions(include=False)).text(str(file)) is None
    assert SourceTree(SourceOptions()).why_not == ABSENT
    assert SourceTree(SourceOptions(include=False)).why_not == LEFT_OUT


def test_under_a_root_it_is_where_most_of_its_path_fits(tmp_path: Path) -> None:
    for place, text in (("core/a.cpp", "right"), ("a.cpp", "short"), ("other/core/a.cpp", "unasked")):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    tree = SourceTree(SourceOptions(tmp_path))
    assert tree.text("/build/onnxruntime/core/a.cpp") == ["right"]
    assert tree.text("core/a.cpp") == ["right"]
    assert tree.text("/elsewhere/a.cpp") == ["short"]
    assert tree.text("/build/b.cpp") is None


@pytest.mark.parametrize("file", ["../secret", "/x/../../secret", "core/../../secret", "link/secret"])
def test_nothing_outside_the_root_is_read(tmp_path: Path, file: str) -> None:
    root = tmp_path / "root"
    (root / "core").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path)
    assert SourceTree(SourceOptions(root)).text(file) is None


def test_only_plain_files_of_sensible_size_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_text("x" * 101)
    monkeypatch.setattr(source_text, "LARGEST_FILE", 100)
    tree = SourceTree(SourceOptions())
    for name in ("pipe", "large", ".", "none", "nul\0"):
        assert tree.text(f"{tmp_path}/{name}") is None
    assert tree.text("relative.cpp") is None


@given(st.text(max_size=WIDEST * 2))
def test_lines_are_fit_to_show(line: str) -> None:
    fit = shown(line)
    assert fit == "" or fit.isprintable()
    assert len(fit) <= WIDEST
