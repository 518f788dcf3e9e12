"""Typed errors; `profiler.cli` turns each into one line, a hint and an exit code."""

from __future__ import annotations

import signal
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the command line ends with; the table in docs/commands.md is made from it."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> ExitCode:
        """Make a code that knows its meaning."""
        made = int.__new__(cls, code)
        made._value_ = code
        made.meaning = meaning
        return made

    DONE = 0, "done"
    CHECK_FAILED = 1, "a check failed, or `advise` found no configuration that surely meets the target"
    BAD_INPUT = 2, "bad usage or bad input: an option, a name, a file that is damaged or is none of ours"
    MACHINE_LACKS = 3, "the machine lacks something: perf, a permission, space for what is written"
    WORKLOAD_FAILED = 4, "the workload failed"
    INTERRUPTED = 128 + signal.SIGINT, "interrupted; what was recorded is kept"
    UNREAD = 128 + signal.SIGPIPE, "nobody reads what is written any more"


class OrtprofError(Exception):
    """What is wrong and where, in one line; `hint` says what to do about it."""

    exit_code: ClassVar[ExitCode]
    """The process exit code that the command line ends with; each kind of error has its own."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kept: str | None = None
        """What was kept in spite of it, and what to do with that; None for nothing."""


class UsageError(OrtprofError):
    """The request makes no sense as written: an option, a name, or a file that holds something else."""

    exit_code = ExitCode.BAD_INPUT


class MachineError(OrtprofError):
    """The machine lacks something: a program, a permission, space."""

    exit_code = ExitCode.MACHINE_LACKS


class NotWrittenError(MachineError):
    """A file can't be written: permissions, space. What needs the same disk next will fail as well."""


class UnreadError(OrtprofError):
    """Whoever read what is written into a pipe has gone."""

    exit_code = ExitCode.UNREAD


class WorkloadError(OrtprofError):
    """The process under test failed."""

    exit_code = ExitCode.WORKLOAD_FAILED


class InterruptedRunError(OrtprofError):
    """The user stopped the run before there was anything worth keeping."""

    exit_code = ExitCode.INTERRUPTED
