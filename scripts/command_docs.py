"""Write docs/commands.md from the program's own help; `--check` only says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from profiler.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
WIDTH = 100
INTRODUCTION = """# Commands

Written from the program's own help by `make docs`; a test compares the two.

`--json` prints one JSON document on stdout and nothing else there; progress and messages go to stderr.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a check failed, or a file is not what ortprof reads |
| 2 | bad usage: an option, a name, a file, a model's inputs |
| 3 | the machine lacks something: perf, a permission |
| 4 | the workload failed |
| 130 | interrupted; what was recorded is kept |
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
        yield f"## {name}\n\n```\n{command.get_help(context)}\n```\n"
        children = getattr(command, "commands", {})
        pending[:0] = [(f"{name} {child}", sub) for child, sub in children.items()]


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *sections()])


if __name__ == "__main__":
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        sys.exit(f"{PAGE.name} is not what the program says; run: make docs")
