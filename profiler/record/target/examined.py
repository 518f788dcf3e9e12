"""One process, looked at from outside; or why it can't be profiled, in one line."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from profiler.errors import MachineError, UsageError
from profiler.record.limit import usable_cpus
from profiler.record.target.mappings import PROC, MappedFile, executable_files, sees_other_files
from profiler.record.target.runtimes import mapped_runtimes, other_pools
from profiler.run.attached import Target
from profiler.run.program_name import program_name

FIELD = re.compile(r"^(\w+):\s*(.*)$", re.MULTILINE)
ELF_64 = b"\x7fELF\x02"
PYTHON = re.compile(r"(?:lib)?python(3\.\d+)")
STATE, STARTED = 0, 19
"""Places among the fields after the name (proc_pid_stat(5))."""


@dataclass(frozen=True, slots=True)
class Alive:
    """A process that was there, so that another one with its number is not taken for it."""

    pid: int
    started_ticks: int

    @property
    def still(self) -> bool:
        """Whether it runs on; a zombie does not."""
        try:
            fields = _stat_fields(self.pid)
        except OSError:
            return False
        return int(fields[STARTED]) == self.started_ticks and fields[STATE] not in (b"Z", b"X")


def alive(pid: int) -> Alive:
    """Note which process has this number; `ProcessLookupError` where none has."""
    try:
        return Alive(pid, int(_stat_fields(pid)[STARTED]))
    except FileNotFoundError as error:
        raise ProcessLookupError(f"no process {pid}") from error


def _stat_fields(pid: int) -> list[bytes]:
    return (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()


def examine_process(pid: int) -> Target:
    """Look at a process.

    `UsageError` when there is none, or one that can't be profiled (32 bits, a kernel's thread, this one);
    `MachineError` when it is another user's.
    """
    try:
        return _examined(pid)
    except (FileNotFoundError, ProcessLookupError) as error:
        raise UsageError(
            f"there is no process {pid}", hint="`pgrep -af NAME` lists processes with their numbers"
        ) from error
    except PermissionError as error:
        raise MachineError(
            f"process {pid} is another user's, or protected: {error.strerror}",
            hint="attach as that user, or as root (sudo)"
            if os.geteuid()
            else "root may not look at it here: a container, a sandbox or a security module forbids it",
        ) from error


def _examined(pid: int) -> Target:
    folder = PROC / str(pid)
    status = dict(FIELD.findall((folder / "status").read_text(errors="replace")))
    _refuse(pid, status)
    _refuse_32_bits(pid)
    mapped = executable_files((folder / "maps").read_text(errors="replace"))
    if not mapped:
        _refuse(pid, dict(FIELD.findall((folder / "status").read_text(errors="replace"))))  # has it ended?
        raise UsageError(f"process {pid} is a kernel thread: it runs no program")
    return Target(
        pid=pid,
        parent=int(status["PPid"]),
        command=_command((folder / "cmdline").read_bytes()) or status["Name"],
        python=_python(mapped),
        libc=_libc(mapped),
        contained=sees_other_files(pid),
        threads=int(status["Threads"]),
        runtimes=mapped_runtimes(pid, mapped),
        others=other_pools(mapped),
        cpus=usable_cpus.describe(pid, []),
    )


def _refuse(pid: int, status: dict[str, str]) -> None:
    if int(status["Tgid"]) != pid:
        raise UsageError(f"{pid} is a thread of process {status['Tgid']}", hint=f"attach to {status['Tgid']}")
    if pid == os.getpid():
        raise UsageError(f"process {pid} is this ortprof")
    if status["State"].startswith("Z"):
        raise UsageError(f"process {pid} has ended: its parent has not asked for its exit code yet")


def _refuse_32_bits(pid: int) -> None:
    with contextlib.suppress(FileNotFoundError), (PROC / str(pid) / "exe").open("rb") as program:
        begins = program.read(len(ELF_64))
        if begins != ELF_64:
            raise UsageError(
                f"process {pid} is a program of 32 bits: ortprof reads x86-64 and aarch64",
                hint="there is no ONNX Runtime release for it either",
            )


def _command(cmdline: bytes) -> str:
    """Return a program's name, with the script or module that an interpreter runs; none of its arguments."""
    return program_name([word.decode(errors="replace") for word in cmdline.split(b"\0") if word])


def _python(mapped: list[MappedFile]) -> str:
    for file in mapped:
        interpreter = PYTHON.match(Path(file.path).name)
        if interpreter:
            return interpreter[1]
    return ""


def _libc(mapped: list[MappedFile]) -> str:
    for file in mapped:
        name = Path(file.path).name
        if name.startswith("ld-musl"):
            return "musl"
        if name.startswith(("ld-linux", "libc.so.6", "libc-2")):
            return "glibc"
    return ""
