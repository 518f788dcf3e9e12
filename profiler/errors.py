"""Typed errors; `profiler.cli` turns each into one line, a hint and an exit code."""

from __future__ import annotations

from typing import ClassVar


class OrtprofError(Exception):
    """What is wrong and where, in one line; `hint` says what to do about it.

    `exit_code` is the process exit code that the command line ends with.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kept: str | None = None
        """What was kept in spite of it, and what to do with that; None for nothing."""


class UsageError(OrtprofError):
    """The request makes no sense as written: an option, a file, a name (exit 2)."""

    exit_code = 2


class MachineError(OrtprofError):
    """The machine lacks something: a program, a permission, space (exit 3)."""

    exit_code = 3


class NotWrittenError(MachineError):
    """A file can't be written: permissions, space. What needs the same disk next will fail as well."""


class WorkloadError(OrtprofError):
    """The process under test failed (exit 4)."""

    exit_code = 4


class InterruptedRunError(OrtprofError):
    """The user stopped the run before there was anything worth keeping (exit 130)."""

    exit_code = 130
