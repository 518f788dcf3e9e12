"""A monitor that remembers what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.record.monitor import Tick


@dataclass
class Remembering:
    """Calls `on_tick` at each tick, for tests that act in the middle of a phase."""

    on_tick: Callable[[Tick], None] = lambda _: None
    steps: list[str] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def step(self, text: str) -> None:
        self.steps.append(text)

    def tick(self, tick: Tick) -> None:
        self.ticks.append(tick)
        self.on_tick(tick)

    def warn(self, text: str) -> None:
        self.warnings.append(text)
