"""What a command is called: its program, and the script or module that an interpreter runs.

No arguments: they may hold secrets, and reports are mailed.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERPRETERS = re.compile(r"(python|node|java|ruby|perl|bash|sh)[\d.]*$")
SCRIPT = re.compile(r"\.{0,2}/.+|[^-].*\.(py|pyc|[cm]?js|jar|rb|pl|sh)$")
"""What an interpreter runs; other words may be an option's value, and so a secret."""
LONGEST = 80
FIRST = 1
"""The place right behind an interpreter: what stands there, and is no option, is what it runs."""


def program_name(words: Sequence[str]) -> str:
    """Return it; empty for no command."""
    if not words:
        return ""
    name = PurePosixPath(words[0]).name
    if INTERPRETERS.match(name):
        for place, word in enumerate(words[1:], FIRST):
            if word == "-c":
                break
            if word == "-m" and place + 1 < len(words):
                return f"{name} -m {words[place + 1]}"[:LONGEST]
            if SCRIPT.match(word) or (place == FIRST and not word.startswith("-")):
                return f"{name} {PurePosixPath(word).name}"[:LONGEST]
    return name[:LONGEST]
