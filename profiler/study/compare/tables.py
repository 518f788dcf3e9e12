"""The profile phases side by side, in milliseconds a request: CPU time by kind, a request's time, waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.attribution.kinds import Kind, Role, Wait
from profiler.attribution.requests.anatomy import Part
from profiler.attribution.requests.workers import Meanwhile
from profiler.findings.sections import section
from profiler.study.compare.changes import may_be_chance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.study.compare.changes import Pairs
    from profiler.study.compare.sides import Pair

ROLES_IN_REQUESTS = (Role.CALLING, Role.POOL)


@dataclass(frozen=True, slots=True)
class Line:
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


def cpu_by_kind(pair: Pair) -> list[Line]:
    """Return CPU time by `Kind`; empty where a side has no profile or no request in it."""
    found, requests = _both(pair, "cpu"), _requests(pair)
    if found is None or not all(requests):
        return []
    one, other = found
    samples = [(section(side.analysis.summary, "perf") or {}).get("samples", 0) for side in pair.sides]
    grain = tuple(
        cpu["total_ms"] / max(1, count) / each
        for cpu, count, each in zip(found, samples, requests, strict=True)
    )
    lines = []
    for kind in Kind:
        ms = one["by_kind"][kind.value] / requests[0], other["by_kind"][kind.value] / requests[1]
        lines.append(Line(kind.value, ms, may_be_chance(ms, (grain[0], grain[1]))))
    return lines


def request_by_part(pair: Pair) -> list[Line]:
    """Return the mean request's wall time by `Part`; empty where a side does not tell."""
    return _of_request(pair, "by_kind", [part.value for part in Part])


def meanwhile(pair: Pair) -> list[Line]:
    """Return what the workers did while the calling thread waited for them, by `Meanwhile`; likewise."""
    return _of_request(pair, "meanwhile", [what.value for what in Meanwhile])


def waits_in_requests(pair: Pair) -> dict[Role, list[Line]]:
    """Return time off the CPU while a request was in flight, by `Wait`; empty where a side does not tell."""
    found, requests = _both(pair, "waits"), _requests(pair)
    if found is None or not all(requests):
        return {}

    def line(role: Role, wait: Wait) -> Line:
        one, other = (waits["by_role"][role.value]["in_request"][wait.value] for waits in found)
        return Line(wait.value, (one / requests[0], other / requests[1]))

    return {role: [line(role, wait) for wait in Wait] for role in ROLES_IN_REQUESTS}


def _of_request(pair: Pair, table: str, keys: list[str]) -> list[Line]:
    found = _both(pair, "request")
    if found is None:
        return []
    one, other = found
    return [Line(key, (one[table][key], other[table][key])) for key in keys]


def _both(pair: Pair, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return a section of both summaries; None unless both have it."""
    one, other = (section(side.analysis.summary, name) for side in pair.sides)
    return None if one is None or other is None else (one, other)


def _requests(pair: Pair) -> tuple[int, int]:
    """Return how many requests each profile phase had."""
    one, other = (
        (section(side.analysis.summary, "profiled") or {}).get("requests", 0) for side in pair.sides
    )
    return one, other
