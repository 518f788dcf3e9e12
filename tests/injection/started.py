"""Programs started with settings of ours, and what they and our hooks say."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.injection.environment import environment
from profiler.injection.hooks import Hooks, prepare
from profiler.injection.report import InjectionReport, read_applied
from profiler.injection.settings import InjectedSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPINNING = "session.intra_op.allow_spinning"
SPIN_OFF = InjectedSettings(entries={SPINNING: "0"})
SINGLE_THREAD = InjectedSettings(threads=1)
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that has ended, and what was reported of it."""

    exit_code: int
    stdout: str
    stderr: str
    report: InjectionReport


def start(
    command: Sequence[str | Path],
    settings: InjectedSettings,
    hooks: Hooks,
    *,
    base: dict[str, str] | None = None,
) -> Ended:
    """Run a command to its end, with settings for its sessions."""
    child = environment(settings, hooks, {**os.environ, **(base or {})})
    done = subprocess.run(command, env=child, capture_output=True, text=True, check=False, timeout=SECONDS)
    return Ended(done.returncode, done.stdout, done.stderr, read_applied(hooks.folder))


def start_python(
    code: str,
    settings: InjectedSettings,
    folder: Path,
    *,
    python: str = sys.executable,
    options: tuple[str, ...] = (),
    base: dict[str, str] | None = None,
) -> Ended:
    """Run Python code to its end; its output is that of a program that succeeds."""
    ended = start([python, *options, "-c", code], settings, prepare(folder / "reports"), base=base)
    assert ended.exit_code == 0, ended.stderr
    return ended
