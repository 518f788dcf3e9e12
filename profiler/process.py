"""The one place that starts other programs. Always a list of arguments, never a shell."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from profiler.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TERMINATE_SECONDS = 3.0
"""How long a child may take over each step of interrupt, terminate, kill."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished program: its arguments, exit code (negative: killed by that signal) and whole output."""

    args: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: str


def which(program: str) -> str:
    """Path of a program on PATH; `MachineError` where there is none."""
    found = shutil.which(program)
    if found is None:
        raise MachineError(f"{program} is not on PATH", hint=INSTALL_HINTS.get(program))
    return found


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


def run(args: Sequence[str], *, timeout: float | None = None) -> Completed:
    """Run a program to its end and return its output, whatever its exit code.

    `MachineError` when it is not there, can't be started, or does not end within `timeout` seconds.
    """
    command = (which(args[0]), *args[1:])
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=clean_environment(),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MachineError(f"{args[0]} did not finish within {timeout:g} s") from error
    except OSError as error:
        raise MachineError(f"{args[0]} could not be started: {error.strerror}") from error
    return Completed(tuple(args), done.returncode, done.stdout, done.stderr.decode(errors="replace"))


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


@contextlib.contextmanager
def stream_lines(args: Sequence[str]) -> Iterator[Iterator[bytes]]:
    """Run a program and iterate over its output's lines as they come.

    Standard error goes to a file, so that neither pipe can block the other. Leaving the block before
    the iterator is exhausted stops the program; after that, `MachineError` with the last line of
    standard error if it failed, as also when it can't be started.
    """
    with tempfile.TemporaryFile() as errors:
        child = _popen(args, errors, {}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=1 << 20)
        assert child.stdout is not None
        stdout, at_end = child.stdout, False

        def lines() -> Iterator[bytes]:
            nonlocal at_end
            yield from stdout
            at_end = True

        try:
            yield lines()
        finally:
            stdout.close()
            if not at_end:
                stop(child)
            child.wait()
        if at_end and child.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise MachineError(
                f"{args[0]} {args[1] if len(args) > 1 else ''} failed with exit code {child.returncode}: "
                f"{said[-1] if said else 'no message'}"
            )


def stop(child: subprocess.Popen[bytes], *, first: signal.Signals = signal.SIGINT) -> int:
    """End a child: `first`, then SIGTERM, then SIGKILL, each with a time-out. Return its exit code."""
    for sign in (first, signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            break
        child.send_signal(sign)
        wait(child, TERMINATE_SECONDS)
    return child.wait()


def wait(child: subprocess.Popen[bytes], timeout: float) -> int | None:
    """Wait for a child; return its exit code, or None when it still runs after `timeout` seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return child.wait(timeout)
    return None


def spawn(args: Sequence[str], *, stderr: Path) -> subprocess.Popen[bytes]:
    """Start a program that goes on running, in a session of its own, its output thrown away.

    Its own session keeps the terminal's Ctrl+C from it: we decide what an interrupt means. `stderr` is
    a file to append to, so that nothing has to drain it. `MachineError` when it can't be started.
    """
    with stderr.open("ab") as errors:
        return _popen(args, errors, {}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, detach=True)


@dataclass(frozen=True, slots=True)
class Piped:
    """A running program that is spoken with through its stdin and stdout."""

    child: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]


def spawn_piped(args: Sequence[str], *, stderr: Path, extra_environment: Mapping[str, str]) -> Piped:
    """Start a program like `spawn`, with pipes to its stdin and from its stdout."""
    with stderr.open("ab") as errors:
        child = _popen(
            args, errors, extra_environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, detach=True
        )
    assert child.stdin is not None
    assert child.stdout is not None
    return Piped(child, child.stdin, child.stdout)


def _popen(
    args: Sequence[str],
    stderr: IO[bytes],
    extra_environment: Mapping[str, str],
    *,
    stdin: int,
    stdout: int,
    detach: bool = False,
    bufsize: int = -1,
) -> subprocess.Popen[bytes]:
    """Start a program, if `detach` in a session of its own; `MachineError` when that fails."""
    try:
        return subprocess.Popen(
            (which(args[0]), *args[1:]),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=clean_environment(extra_environment),
            start_new_session=detach,
            bufsize=bufsize,
        )
    except OSError as error:
        raise MachineError(f"{args[0]} could not be started: {error.strerror}") from error
