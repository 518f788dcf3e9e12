"""The profile phases side by side, in milliseconds a request: CPU time by kind, a request's time, waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.run.kinds import Kind, Meanwhile, Part, Role, Wait
from profiler.run.summary import available
from profiler.study.compare.changes import may_be_chance

if TYPE_CHECKING:
    from profiler.run.sections.request_section import RequestFigures
    from profiler.study.compare.changes import Pairs
    from profiler.study.compare.sides import Pair

ROLES_IN_REQUESTS = (Role.CALLING, Role.POOL)


@dataclass(frozen=True, slots=True)
class PairedTime:
    """One part of the time on both sides, in milliseconds a request."""

    key: str
    """The value of `Kind`, `Part`, `Meanwhile` or `Wait`."""
    ms: Pairs
    chance: bool = False
    """Whether the difference may be chance: too few samples."""

    @property
    def difference(self) -> float:
        """After less before."""
        return self.ms[1] - self.ms[0]


def cpu_by_kind(pair: Pair) -> list[PairedTime]:
    """Return CPU time by `Kind`; empty where a side has no profile or no request in it."""
    one, other = (available(side.analysis.summary.cpu) for side in pair.sides)
    requests = _requests(pair)
    if one is None or other is None or not all(requests):
        return []
    grains = [
        cpu.total_ms / max(1, side.analysis.summary.samples) / count
        for cpu, side, count in zip((one, other), pair.sides, requests, strict=True)
    ]
    lines = []
    for kind in Kind:
        ms = one.by_kind[kind] / requests[0], other.by_kind[kind] / requests[1]
        lines.append(PairedTime(kind.value, ms, may_be_chance(ms, (grains[0], grains[1]))))
    return lines


def request_by_part(pair: Pair) -> list[PairedTime]:
    """Return the mean request's wall time by `Part`; empty where a side does not tell."""
    one, other = _both_requests(pair)
    if one is None or other is None:
        return []
    return [PairedTime(part.value, (one.by_kind[part], other.by_kind[part])) for part in Part]


def meanwhile(pair: Pair) -> list[PairedTime]:
    """Return what the workers did while the calling thread waited for them, by `Meanwhile`; likewise."""
    one, other = _both_requests(pair)
    if one is None or other is None:
        return []
    return [PairedTime(what.value, (one.meanwhile[what], other.meanwhile[what])) for what in Meanwhile]


def waits_in_requests(pair: Pair) -> dict[Role, list[PairedTime]]:
    """Return time off the CPU while a request was in flight, by `Wait`; empty where a side does not tell."""
    one, other = (available(side.analysis.summary.waits) for side in pair.sides)
    requests = _requests(pair)
    if one is None or other is None or not all(requests):
        return {}

    def line(role: Role, wait: Wait) -> PairedTime:
        before, after = (waits.by_role[role].in_request[wait] for waits in (one, other))
        return PairedTime(wait.value, (before / requests[0], after / requests[1]))

    return {role: [line(role, wait) for wait in Wait] for role in ROLES_IN_REQUESTS}


def _both_requests(pair: Pair) -> tuple[RequestFigures | None, RequestFigures | None]:
    before, after = (available(side.analysis.summary.request) for side in pair.sides)
    return before, after


def _requests(pair: Pair) -> tuple[int, int]:
    """Return how many requests each profile phase had."""
    phases = (available(side.analysis.summary.profiled) for side in pair.sides)
    before, after = (0 if phase is None else phase.requests for phase in phases)
    return before, after
