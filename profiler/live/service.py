"""Watching that goes on: from target to target, in memory that does not grow."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.live.watching import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.live.moment import Moment
    from profiler.run.attached import Target
    from profiler.spec.scope import Scope

LOOK_SECONDS = 0.2
"""How soon an end is noticed."""


@dataclass(slots=True)
class WatchedService:
    """What is watched now; others may read `moment` at any time."""

    find: Callable[[], Sequence[Target]]
    """Returns the processes to watch; empty where there are none yet."""
    scope: Scope
    follow: bool
    interval: float
    """Seconds between two readings."""
    over: Callable[[], bool]
    say: Callable[[str], None]
    moment: Moment | None = None
    begun: int = 0
    """How often watching began."""

    def run(self, *, again: bool) -> None:
        """Watch until it is over; with `again`, whoever the name stands for next, too.

        `ProcessLookupError` when the processes end, and nobody shall be looked for.
        """
        waiting = False
        while not self.over():
            targets = self.find()
            if targets:
                waiting = False
                self.begun += 1
                try:
                    self._watch(targets)
                except ProcessLookupError:
                    if not again:
                        raise
                    self.say("the processes have ended")
                finally:
                    self.moment = None
            elif not waiting:
                self.say("waiting for a process of that name with ONNX Runtime")
                waiting = True
            self._pause()

    def _watch(self, targets: Sequence[Target]) -> None:
        with Watched(targets, self.scope, follow=self.follow, keeps=False) as watched:
            self.say(f"watching {', '.join(map(str, watched.members.pids))}")
            while not self.over():
                self._pause()
                self.moment = watched.tick()

    def _pause(self) -> None:
        until = time.monotonic() + self.interval
        while not self.over() and (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK_SECONDS, left))
