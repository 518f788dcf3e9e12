"""Templates compiled once: what is kept is used, and only what this user alone could have written."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jinja2
import pytest

from profiler.pages.base.compiled_templates import CompiledTemplates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEMPLATES = {"page": "Hello {{ name }}"}


class Counting(jinja2.Environment):
    """Counts what it compiles."""

    compiled = 0

    def _compile(self, source: str, filename: str) -> object:  # type: ignore[override]  # jinja's own is typed otherwise
        self.compiled += 1
        return super()._compile(source, filename)


def filled(folder: Path, templates: dict[str, str] | None = None) -> tuple[str, int]:
    """Return a page as a new process would fill it, and how many templates it compiled."""
    loader = jinja2.DictLoader(templates or TEMPLATES)
    environment = Counting(loader=loader, bytecode_cache=CompiledTemplates(folder))
    return environment.get_template("page").render(name="you"), environment.compiled


def test_a_template_is_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "templates"
    assert filled(folder) == ("Hello you", 1)
    assert filled(folder) == ("Hello you", 0)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_template_that_changed_is_compiled_again(tmp_path: Path) -> None:
    filled(tmp_path)
    assert filled(tmp_path, {"page": "Bye {{ name }}"}) == ("Bye you", 1)


def open_to_others(folder: Path) -> None:
    folder.chmod(0o777)


def file_open_to_others(folder: Path) -> None:
    for entry in folder.iterdir():
        entry.chmod(0o666)


def of_another_user(folder: Path) -> None:
    os.chown(folder, 65534, 65534)


def damaged(folder: Path) -> None:
    for entry in folder.iterdir():
        entry.write_bytes(entry.read_bytes()[:-20])


def emptied(folder: Path) -> None:
    for entry in folder.iterdir():
        entry.write_bytes(b"")


def a_fifo(folder: Path) -> None:
    for entry in folder.iterdir():
        entry.unlink()
        os.mkfifo(entry)


@pytest.mark.parametrize(
    "spoil", [open_to_others, file_open_to_others, of_another_user, damaged, emptied, a_fifo]
)
def test_what_others_could_have_written_or_is_broken_is_not_run(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    if spoil is of_another_user and os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    folder = tmp_path / "templates"
    filled(folder)
    spoil(folder)
    assert filled(folder) == ("Hello you", 1)


def test_where_nothing_can_be_kept_pages_are_filled_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert filled(tmp_path / "file" / "templates") == ("Hello you", 1)


def test_a_report_anew_needs_nothing_of_what_records() -> None:
    code = (
        "import sys, profiler.cli.report, profiler.execute.rendering\n"
        "print([name for name in sys.modules if name.startswith('profiler.record')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
