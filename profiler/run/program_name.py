"""What a command is called: its program, and the script or module that an interpreter runs.

What only starts another program (`env`, `taskset` and such) is not what a command is called by.

No arguments: they may hold secrets, and reports are mailed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Launcher:
    """How a program that starts another one is called: `NAME [OPTION...] [OPERAND...] COMMAND...`."""

    valued: frozenset[str] = frozenset()
    """Its options whose value is a word of its own."""
    operands: int = 0
    """Words between its options and the command."""
    assigns: bool = False
    """Whether `NAME=VALUE` words stand before the command."""


def _launcher(valued: str = "", operands: int = 0, *, assigns: bool = False) -> Launcher:
    return Launcher(frozenset(valued.split()), operands, assigns)


LAUNCHERS = {
    "chrt": _launcher("-T -P -D --sched-runtime --sched-period --sched-deadline", 1),
    "env": _launcher("-u --unset -C --chdir -S --split-string", assigns=True),
    "ionice": _launcher("-c --class -n --classdata"),
    "nice": _launcher("-n --adjustment"),
    "nohup": _launcher(),
    "numactl": _launcher("-i --interleave -N --cpunodebind -C --physcpubind -m --membind -p --preferred"),
    "setsid": _launcher(),
    "stdbuf": _launcher("-i --input -o --output -e --error"),
    "sudo": _launcher(
        "-u --user -g --group -h --host -p --prompt -D --chdir",
        assigns=True,
    ),
    "taskset": _launcher(operands=1),
    "time": _launcher("-f --format -o --output"),
    "timeout": _launcher("-s --signal -k --kill-after", 1),
}


def launched(words: Sequence[str]) -> Sequence[str]:
    """Return the command that a command starts in its own place or waits for; itself where there is none."""
    if not words or (launcher := LAUNCHERS.get(PurePosixPath(words[0]).name)) is None:
        return words
    place = 1
    while place < len(words) and len(words[place]) > 1 and words[place].startswith("-"):
        option = words[place]
        place += 2 if _takes_next(option, launcher.valued) else 1
        if option == "--":
            break
    while launcher.assigns and place < len(words) and "=" in words[place]:
        place += 1
    rest = words[place + launcher.operands :]
    return launched(rest) if rest else words


def _takes_next(option: str, valued: frozenset[str]) -> bool:
    """Whether an option's value is the next word: `--signal KILL` and `-vs KILL`, not `-sKILL`."""
    if option.startswith("--"):
        return option in valued
    first = next((place for place, letter in enumerate(option) if f"-{letter}" in valued), None)
    return first is not None and first == len(option) - 1


def program_name(words: Sequence[str]) -> str:
    """Return it; empty for no command."""
    words = launched(words)
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
