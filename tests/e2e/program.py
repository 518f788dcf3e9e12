"""`ortprof` started as a user would start it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ORTPROF = Path(sys.executable).with_name("ortprof")
ENDLESS = "600"
"""Seconds; longer than any test."""
BOUNDED = ("--max-size", "2000")
"""For perf's recording of that: without, it begins only where the disk could hold all of it."""
PATIENCE = 200
"""Seconds for what ends at once on an idle machine; less than `ENDLESS`, and than pytest has."""


def command_line(args: Sequence[str], reports: Path) -> list[str]:
    """Return its command line; what is behind `--` is another program's."""
    end = args.index("--") if "--" in args else len(args)
    return [str(ORTPROF), *args[:end], "--reports", str(reports), *args[end:]]


def start(*args: str, reports: Path, **environment: str) -> subprocess.Popen[str]:
    """Start it, its output in pipes."""
    return subprocess.Popen(
        command_line(args, reports),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def run(
    *args: str, reports: Path, wrapper: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*wrapper, *command_line(args, reports)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@contextlib.contextmanager
def profiling(*options: str, reports: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Record; in the block the profile phase is under way until somebody ends it, at the latest its end."""
    phases = ("--warmup", "0", "--measure", "0", "--profile", ENDLESS, *BOUNDED)
    with start("record", *options, *phases, reports=reports, **environment) as child:
        try:
            wait_for(child, "profile:")
            yield child
        finally:
            child.kill()


def wait_for(child: subprocess.Popen[str], line: str) -> None:
    """Read the child's messages up to a line that begins so."""
    assert child.stderr is not None
    for said in child.stderr:
        if said.startswith(line):
            return
    pytest.fail(f"ortprof ended before it said {line!r}")


def finish(child: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for its end; return exit code, standard output and the rest of standard error."""
    try:
        out, err = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()  # lest it disturbs the tests that follow
        raise
    assert "Traceback" not in err, err
    return child.returncode, out, err
