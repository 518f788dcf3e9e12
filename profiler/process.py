"""The one place that starts other programs. Always a list of arguments, never a shell."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from profiler.errors import MachineError, UsageError
from profiler.own_threads import inherited
from profiler.raising import held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

TERMINATE_SECONDS = 3.0
"""How long a child may take over each step of interrupt, terminate, kill."""
POLL_SECONDS = 0.005
SYMFS = "--symfs"
"""perf's option for reading profiled files below a folder."""
PR_CAPBSET_DROP, CAP_SYS_ADMIN = 24, 21
"""<linux/prctl.h>, <linux/capability.h>."""
SILENT_SECONDS = 300.0
"""How long a program whose output we wait for may say nothing."""


_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
"""Signals that a program brings upon itself."""


class ProgramFailedError(MachineError):
    """A program ended by itself, and not well: what it was given is no good, and nobody killed it."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished program: its arguments, exit code (negative: killed by that signal) and whole output."""

    args: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: str


def which(program: str) -> str:
    """Path of a program on PATH; `MachineError` where there is none."""
    path = shutil.which(program)
    if path is None:
        raise MachineError(f"{program} is not on PATH", hint=INSTALL_HINTS.get(program))
    return path


INSTALL_HINTS = {
    "perf": "install it: apt-get install linux-perf (Debian) or linux-tools-$(uname -r) (Ubuntu), "
    "dnf install perf, pacman -S perf; then `ortprof doctor`",
    "docker": "install it: apt-get install docker.io, dnf install moby-engine, pacman -S docker",
    "podman": "install it: apt-get install podman, dnf install podman, pacman -S podman",
}


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for children whose text we parse.

    C locale, no pager, no colour; perf neither reads its user's settings nor asks servers for symbols.
    """
    ours = {
        "LC_ALL": "C.UTF-8",
        "PAGER": "cat",
        "NO_COLOR": "1",
        "PERF_CONFIG": "/dev/null",
        "DEBUGINFOD_URLS": "",
    }
    return {**os.environ, **ours, **(extra or {})}


def run(args: Sequence[str], *, timeout: float | None = SILENT_SECONDS) -> Completed:
    """Run a program to its end and return its output, whatever its exit code.

    `MachineError` when it is not there, can't be started, or does not end within `timeout` seconds; what it
    started ends with it.
    """
    child = popen(args, subprocess.PIPE, {}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, detach=True)
    try:
        stdout, stderr = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        said = last_lines((error.stderr or b"").decode(errors="replace"), 1)
        raise MachineError(
            f"{args[0]} did not finish within {timeout:g} s",
            hint=f"its last words: {said[0]}" if said else f"does `{args[0]}` work by itself?",
        ) from error
    finally:
        stop(child)  # perf ends by an interrupt, and removes what it has in /tmp
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()
    return Completed(tuple(args), child.returncode, stdout, stderr.decode(errors="replace"))


def show(args: Sequence[str]) -> int:
    """Run a program to its end, its output on our standard error for the user to see; return its exit code.

    `MachineError` when it is not there or can't be started.
    """
    errors = sys.stderr.fileno()
    try:
        return subprocess.run(
            (which(args[0]), *args[1:]), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, check=False
        ).returncode
    except OSError as error:
        raise MachineError(f"{args[0]} could not be started: {error.strerror}") from error


def failure(args: Sequence[str], exit_code: int, stderr: str) -> MachineError:
    """Return what to raise for a program that did not end well: how it ended, and its last words."""
    killed = exit_code < 0
    how = f"was killed by {signal_name(-exit_code)}" if killed else f"failed with exit code {exit_code}"
    said = last_lines(stderr, 1)
    kind = MachineError if killed and -exit_code not in _CRASHES else ProgramFailedError
    return kind(f"{' '.join(args[:2])} {how}{f': {said[0]}' if said else ', and said nothing'}")


def last_lines(text: str, most: int) -> list[str]:
    """Return the last lines of what a program said that are not blank, at most so many."""
    return [line.strip() for line in text.splitlines() if line.strip()][-most:]


def signal_name(number: int) -> str:
    """Return a signal's name; real-time signals have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def stop(child: subprocess.Popen[bytes], *, first: signal.Signals = signal.SIGINT) -> int:
    """End a child: `first`, then SIGTERM, then SIGKILL, each with a time-out. Return its exit code.

    A child in a session of its own (`spawn`, `spawn_piped`) ends with all that it started and that did not
    leave its process group: a script's interpreter is ours to end, too. It can't be interrupted.
    """
    with held():
        leads = _leads_group(child)
        for sign in (first, signal.SIGTERM, signal.SIGKILL):
            if _ended(child) is not None:
                break
            send(child, sign, group=leads)
            if sign is not signal.SIGKILL:
                send(child, signal.SIGCONT, group=leads)  # a stopped process would not notice
            wait(child, TERMINATE_SECONDS)
        if leads:
            # Before the child is reaped: until then its number, the group's too, can't be anybody else's.
            send(child, signal.SIGKILL, group=True)
        return child.wait()


def _leads_group(child: subprocess.Popen[bytes]) -> bool:
    if child.returncode is not None:
        return False
    try:
        return os.getpgid(child.pid) == child.pid
    except ProcessLookupError:
        return False


def send(child: subprocess.Popen[bytes], sign: signal.Signals, *, group: bool) -> None:
    """Send a child a signal, or all of the group that it leads; it may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(child.pid, sign)
        else:
            child.send_signal(sign)


def _ended(child: subprocess.Popen[bytes]) -> int | None:
    """Return an ended child's exit code, None while it runs; it is not reaped, so its number stays."""
    if child.returncode is not None:
        return child.returncode
    try:
        ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return child.wait()
    if ended is None:
        return None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def wait(child: subprocess.Popen[bytes], timeout: float) -> int | None:
    """Wait for a child; return its exit code, or None when it still runs after `timeout` seconds.

    `stop` is still to be called: it ends what the child may have left behind.
    """
    deadline = time.monotonic() + timeout
    while (code := _ended(child)) is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return code


def spawn(args: Sequence[str], *, stderr: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a program that goes on running, in a session of its own, its output thrown away.

    Its own session keeps the terminal's Ctrl+C from it: we decide what an interrupt means. `stderr` is
    a file to append to, so that nothing has to drain it. `MachineError` when it can't be started.
    """
    with stderr.open("ab") as errors:
        return popen(args, errors, {}, stdin=stdin, stdout=subprocess.DEVNULL, detach=True)


@dataclass(frozen=True, slots=True)
class Piped:
    """A running program that is spoken with through its stdin and stdout."""

    child: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]


def spawn_piped(args: Sequence[str], *, stderr: Path, extra_environment: Mapping[str, str]) -> Piped:
    """Start a program like `spawn`, with pipes to its stdin and from its stdout."""
    with stderr.open("ab") as errors:
        child = popen(
            args, errors, extra_environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, detach=True
        )
    assert child.stdin is not None
    assert child.stdout is not None
    return Piped(child, child.stdin, child.stdout)


def launch(
    args: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    stdout: int | None = None,
    stderr: int | None = None,
    apart: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a user's own program as a shell would: in our group, with our files and terminal.

    None as `environment` is the user's, as output ours. `apart`: in a session of its own, with nothing to
    read, so that the terminal's signals are not for it. `UsageError` where it can't be started.
    """
    path = shutil.which(args[0])
    if path is None:
        raise UsageError(f"there is no program {args[0]}", hint="is it on PATH, and may it be executed?")
    try:
        with held():  # an interrupt in Popen would leave a child that nobody knows
            return subprocess.Popen(
                args,
                executable=path,
                env=inherited() if environment is None else environment,
                stdin=subprocess.DEVNULL if apart else None,
                stdout=stdout,
                stderr=stderr,
                start_new_session=apart,
                close_fds=False,  # what a shell handed us for it (`<(...)`, a socket); ours are not inherited
            )
    except OSError as error:
        raise UsageError(f"{args[0]} could not be started: {error.strerror}") from error


def popen(
    args: Sequence[str],
    stderr: IO[bytes] | int,
    extra_environment: Mapping[str, str],
    *,
    stdin: int,
    stdout: int,
    detach: bool = False,
    bufsize: int = -1,
) -> subprocess.Popen[bytes]:
    """Start a program, if `detach` in a session of its own; `MachineError` when that fails."""
    program = which(args[0])

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            (program, *args[1:]),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=clean_environment(extra_environment),
            start_new_session=detach,
            bufsize=bufsize,
        )

    try:
        with held():
            return _kept_out(start) if SYMFS in args else start()
    except OSError as error:
        raise MachineError(f"{args[0]} could not be started: {error.strerror}") from error


def _kept_out(start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Start a program that can't enter another process's mount namespace.

    perf does, as root, for a process that still runs, whatever files it is told to read: in a container it
    finds none of them (`nsinfo__mountns_enter`; perf 6.1, seen). Linux has bounding sets of capabilities for
    threads; a child has that of the thread that started it (capabilities(7)). One that may not be narrowed
    has nothing to give up.
    """
    with ThreadPoolExecutor(1, initializer=_give_up_entering) as thread:
        return thread.submit(start).result()


def _give_up_entering() -> None:
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0)
