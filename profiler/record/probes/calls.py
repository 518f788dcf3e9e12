"""What probes on `Run` saw, as requests. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from profiler.run.request import Request, RequestSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Reached(NamedTuple):
    """A thread reached a probe."""

    time_ns: int
    pid: int
    tid: int
    function: int
    """Which of the functions that are `Run`, by a number."""
    returns: bool
    """Whether it returned; else it began."""


@dataclass(slots=True)
class Calls:
    """Calls that are under way, by thread: functions with when they began, the outermost first."""

    _open: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def requests(self, reached: Iterable[Reached], phase: str) -> Iterator[Request]:
        """Yield calls that returned, for what was reached since, in order of time.

        Of calls within each other the outermost is the request. A function that begins again in its thread,
        or returns past others, was left by an exception: what is above it is over.
        """
        for one in reached:
            under_way = self._open.setdefault(one.tid, [])
            place = next((at for at, (which, _) in enumerate(under_way) if which == one.function), None)
            if not one.returns:
                if place is not None:
                    del under_way[place:]
                under_way.append((one.function, one.time_ns))
            elif place is not None:
                _, begin_ns = under_way[place]
                del under_way[place:]
                if place == 0:
                    yield Request(
                        phase=phase,
                        scheduled_ns=begin_ns,
                        start_ns=begin_ns,
                        end_ns=one.time_ns,
                        cpu_ns=None,
                        process=one.pid,
                        caller=one.tid,
                        source=RequestSource.PROBES,
                    )
