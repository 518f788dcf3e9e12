"""What a recording tells whoever watches it. The core never knows of a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tick:
    """How a phase is going."""

    phase: str
    elapsed_seconds: float
    phase_seconds: float
    cpu_percent: float
    """Of one core, since the last tick."""
    requests: int
    """Those known to have ended: none as long as requests are inferred, or a log is read afterwards."""
    last_latency_ms: float | None


class Monitor(Protocol):
    """Receives a recording's progress."""

    def step(self, text: str) -> None:
        """Say that a step began which has no known length."""

    def tick(self, tick: Tick) -> None:
        """Say how a phase is going; called several times a second."""

    def warn(self, text: str) -> None:
        """Say what the user should know now."""


class Silent:
    """A monitor that tells nobody."""

    def step(self, text: str) -> None:
        """Do nothing."""

    def tick(self, tick: Tick) -> None:
        """Do nothing."""

    def warn(self, text: str) -> None:
        """Do nothing."""


SILENT = Silent()
