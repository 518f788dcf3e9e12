"""How a workload is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.errors import OrtprofError

PACKAGE = Path(__file__).resolve().parents[2] / "workload"
STARTUP_SECONDS = 120.0
"""How long it may take to import ONNX Runtime, and then to open the model, before it counts as hung."""


def unexplained(_code: int, _said: str) -> OrtprofError | None:
    """Explain nothing: the default of `Start.explain`."""
    return None


@dataclass(frozen=True, slots=True)
class Start:
    """How a workload is started."""

    python: str
    """Its interpreter, as it is called in its place."""
    package: str = str(PACKAGE)
    """Where the interpreter finds the workload."""
    prefix: tuple[str, ...] = ()
    """Stands before the command: what brings it into its place."""
    explain: Callable[[int, str], OrtprofError | None] = unexplained
    """Makes an error of the prefix's own failure, from exit code and standard error; None otherwise."""
    remedy: str = ""
    """What to do where the interpreter has no ONNX Runtime; empty: install it there."""
    patience_seconds: float = STARTUP_SECONDS
    """How long it may say nothing where it owes an answer."""

    @property
    def command(self) -> list[str]:
        """What runs in the workload's place."""
        return [self.python, self.package]
