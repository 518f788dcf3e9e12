"""Function names as a reader sees them."""

from __future__ import annotations

LONGEST_NAME = 400
"""Characters of a name that the page keeps; template arguments can take thousands."""


def shorten(name: str) -> str:
    """Return a name with its middle left out where it is too long to keep."""
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


KERNEL_ENTRIES = ("entry_SYSCALL", "asm_", "el0", "ret_to_user", "ret_from_fork")
"""How the outermost kernel function of a chain begins, on x86-64 and aarch64: below it comes the program."""


def below_kernel(functions: tuple[str, ...]) -> tuple[str, ...]:
    """Return what of a chain (leaf first) is the program's; all of it where the kernel was not entered."""
    entry = next((i for i, name in enumerate(functions) if name.startswith(KERNEL_ENTRIES)), -1)
    return functions[entry + 1 :] or functions
