"""Function names as a reader sees them."""

from __future__ import annotations

import re

LONGEST_NAME = 400
"""Characters of a name that the page keeps; template arguments can take thousands."""


def shorten(name: str) -> str:
    """Return a name with its middle left out where it is too long to keep."""
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


PLACE = re.compile(r"[^\s\]]+(\+0x[0-9a-f]+)( \(function\))?")
"""A function that is named after its place in its library."""
LEAST_LIBRARY = 4
"""Characters of a library's name below which a place stands without what is before it."""


def fit(name: str, width: int) -> str:
    """Return a function's name in so many characters; of a place, the offset tells it apart, so it stays."""
    if len(name) <= width:
        return name
    place = PLACE.search(name)
    if place is None:
        return f"{name[: max(0, width - 1)].rstrip()}…"
    before, offset = name[: place.start()], place[1]
    library = name[place.start() : place.start(1)]
    room = width - len(before) - len(offset)
    if room < LEAST_LIBRARY:
        before, room = "", width - len(offset)
    if len(library) > room:
        end = max(0, room - 1) // 2
        library = f"{library[: max(0, room - 1 - end)]}…{library[len(library) - end :]}"
    return f"{before}{library}{offset}"


KERNEL_ENTRIES = ("entry_SYSCALL", "asm_", "el0", "ret_to_user", "ret_from_fork")
"""How the outermost kernel function of a chain begins, on x86-64 and aarch64: below it comes the program."""


def below_kernel(functions: tuple[str, ...]) -> tuple[str, ...]:
    """Return what of a chain (leaf first) is the program's; all of it where the kernel was not entered."""
    entry = next((i for i, name in enumerate(functions) if name.startswith(KERNEL_ENTRIES)), -1)
    return functions[entry + 1 :] or functions
