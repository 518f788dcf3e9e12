"""Processes watched lightly, and what was seen of them so far."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from profiler.closing import Closing
from profiler.live.members import Members
from profiler.live.meter import Meter
from profiler.record.attach import Seen
from profiler.record.counters import snapshot, together
from profiler.record.light.session import LightSession, plan
from profiler.run.phase_counters import PhaseCounters, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.live.moment import Moment
    from profiler.run.attached import Target
    from profiler.run.request import Request
    from profiler.spec.scope import Scope

MOST_KEPT = 1_000_000
"""Samples, and requests, that are kept to be saved: some 50 MB. Then what is seen begins anew."""


class Watched(Closing):
    """Watches in a `with` block; with `keeps`, `seen` can be asked for."""

    def __init__(self, targets: Sequence[Target], scope: Scope, *, follow: bool, keeps: bool) -> None:
        """Begin; `ProcessLookupError` when one is gone, `MachineError` where the kernel forbids it."""
        self._keeps = keeps
        self._stack = contextlib.ExitStack()
        self.members = Members(targets, follow=follow)
        self._stack.callback(self.members.close)
        try:
            settings = plan(self.members.pids, scope)
            self.session = self._stack.enter_context(LightSession(settings, keeps=keeps))
            self._meter = Meter(self.members, self.session)
            self._begin_anew()
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Let go of what it has open."""
        self._stack.close()

    def _begin_anew(self) -> None:
        self._requests: list[Request] = []
        self._begin: dict[int, Snapshot] = {}
        self._last: dict[int, Snapshot] = {}
        self._targets: dict[int, Target] = {}
        if self._keeps:
            for target in self.members.targets:
                with contextlib.suppress(ProcessLookupError):
                    self._begin[target.pid] = self._last[target.pid] = snapshot(target.pid)
                    self._targets[target.pid] = target
            self.session.restart()

    def tick(self) -> Moment:
        """Return what there is now; `ProcessLookupError` once all processes have ended."""
        moment = self._meter.tick()
        if self._keeps:
            if max(self.session.samples, len(self._requests)) > MOST_KEPT:
                self._begin_anew()
            self._requests += self.members.requests_read
            self._last.update(self._meter.read)
            self._targets.update({target.pid: target for target in self.members.targets})
        return moment

    def seen(self) -> Seen | None:
        """Return what was seen so far; None where there is nothing yet."""
        if not self._begin or not self.session.samples:
            return None
        counters = PhaseCounters(together(self._begin), together(self._last))
        begin, end = counters.begin.time_ns, counters.end.time_ns
        threads = counters.end.threads
        return Seen(
            settings=self.session.settings,
            targets=list(self._targets.values()),
            counters=counters,
            requests=[
                request for request in self._requests if begin <= request.start_ns and request.end_ns <= end
            ],
            trace=self.session.trace({tid: thread.comm for tid, thread in threads.items()}),
            files_root=self.members.files_root,
            doubts=self.session.doubts,
        )
