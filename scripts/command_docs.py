"""Write docs/commands.md from the program's own help; `--check` only says whether it is up to date."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from profiler.cli.main import app
from profiler.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
WIDTH = 100
HELP_OPTION = re.compile(r"^ +(-h, )?--help +Show this message and exit\.\n?", re.MULTILINE)
EMPTY_OPTIONS = re.compile(r"^Options:\n(?! )\n?", re.MULTILINE)
INTRODUCTION = """# Commands

Written from the program's own help by `make docs`; a test compares the two.

`--json` prints one JSON document on stdout and nothing else there; progress and messages go to stderr.
Each command takes `--help`.
"""


def sections() -> Iterator[str]:
    """Yield the help of each command as Markdown, in the program's order."""
    root = typer.main.get_command(app)
    pending = [("ortprof", root)]
    while pending:
        name, command = pending.pop(0)
        context = command.context_class(
            command, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH
        )
        yield f"## {name}\n\n```\n{_without_help_option(command.get_help(context))}\n```\n"
        children = getattr(command, "commands", {})
        pending[:0] = [(f"{name} {child}", sub) for child, sub in children.items()]


def _without_help_option(text: str) -> str:
    """Return a command's help without `--help`, which every command has."""
    lines = HELP_OPTION.sub("", text)
    return EMPTY_OPTIONS.sub("", lines).rstrip()


def exit_codes() -> str:
    """Return the table of exit codes."""
    rows = [f"| {code.value} | {code.meaning} |\n" for code in ExitCode]
    return "".join(["| exit code | meaning |\n|---|---|\n", *rows])


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, exit_codes(), *sections()])


if __name__ == "__main__":
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        sys.exit(f"{PAGE.name} is not what the program says; run: make docs")
