"""`ortprof marks`: what programs mark their requests with."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.shared_options import as_path
from profiler.cli.terminal.printable import say, tell

EXAMPLES = """\
ortprof marks my_service
ortprof marks my_service/src --language c"""


class MarksLanguage(str, Enum):
    """What the program is written in."""

    PYTHON = "python"
    C = "c"

    @property
    def file(self) -> str:
        """Name of the file to copy."""
        return {MarksLanguage.PYTHON: "ortprof_marks.py", MarksLanguage.C: "ortprof_marks.h"}[self]


def marks(
    folder: Annotated[
        Path | None,
        typer.Argument(
            parser=as_path,
            metavar="[FOLDER]",
            help="Where to copy it to; without one, its path is printed.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[
        MarksLanguage, typer.Option(help="python: ortprof_marks.py; c: ortprof_marks.h, for C++ too.")
    ] = MarksLanguage.PYTHON,
) -> None:
    """Copy the marker of requests into your program, so that their times are known exactly.

    It is one file that needs nothing else. Around the call that a request is, write `with request():` after
    `from ortprof_marks import request`. Unless ortprof listens, a mark is a look at the clock. docs/marks.md
    has more.
    """
    from profiler import files
    from profiler.errors import UsageError
    from profiler.record.marks import MARKER

    source = MARKER / language.file
    if folder is None:
        say(str(source))
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="name the one that your program imports from")
    copy = folder / source.name
    files.write(copy, files.content(source))
    tell(f"wrote {copy}")
