"""Waits of known number and length: counts exact, times within 5 %; requests' parts within 2 %."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.attribution.requests.anatomy import Anatomies, dissect
from profiler.attribution.waits.futex import futex_use
from profiler.record.capabilities import event_records
from profiler.run.kinds import MEANWHILE, WAITS, Meanwhile, Part, Wait
from profiler.run.request import Request
from profiler.trace.model import WAIT_EVENTS
from tests.accuracy.programs import compiler_missing
from tests.accuracy.waiting import Recorded, Section, record_waits

if TYPE_CHECKING:
    from profiler.attribution.waits.off_cpu import OffCpu

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(compiler_missing() is not None, reason=str(compiler_missing())),
    pytest.mark.skipif(
        not all(map(event_records, WAIT_EVENTS)), reason="perf may not record tracepoints here"
    ),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record_waits(tmp_path_factory.mktemp("waits"))


@pytest.fixture(scope="module")
def anatomies(recorded: Recorded) -> Anatomies:
    counters = recorded.counters
    waits = recorded.waits(counters.begin.time_ns, counters.end.time_ns, recorded.requests)
    return dissect(
        recorded.trace.switches,
        waits,
        recorded.attribution,
        process=recorded.process,
        requests=recorded.requests,
        user_only=False,
    )


def of_caller(recorded: Recorded, section: Section, kind: Wait) -> OffCpu:
    """The calling thread's intervals of one kind in a section, gaps excluded."""
    waits = recorded.waits(section.begin, section.end).of(recorded.process.callers[0])
    assert not waits.off.gap.any()
    return waits.off.where(waits.kind == WAITS.index(kind))


@pytest.mark.parametrize(("name", "kind"), [("futex", Wait.FUTEX), ("sleep", Wait.SLEEP)])
def test_waits(recorded: Recorded, name: str, kind: Wait) -> None:
    section: Section = getattr(recorded.truth, name)
    found = of_caller(recorded, section, kind)
    assert found.tid.size == section.waited
    assert (found.end_ns - found.begin_ns).sum() == pytest.approx(section.waited_ns, rel=0.05)
    preempted = of_caller(recorded, section, Wait.RUNNABLE)
    assert preempted.tid.size == section.preempted


def test_a_starved_thread(recorded: Recorded) -> None:
    section = recorded.truth.starved
    found = of_caller(recorded, section, Wait.RUNNABLE)
    assert found.tid.size == section.preempted
    assert found.preempted.all()
    assert (found.end_ns - found.begin_ns).sum() == pytest.approx(section.waited_ns, rel=0.05)


def test_futex_calls(recorded: Recorded) -> None:
    section = recorded.truth.futex
    window = Request("profile", section.begin, section.begin, section.end, 0)
    waits = recorded.waits(section.begin, section.end, [window])
    use = futex_use(recorded.trace, waits, [window], calls_recorded=True)
    assert (use.wait_calls, use.wake_calls) == (section.wait_calls, section.wake_calls)
    # A wait that found its turn come already did not block; the worker's first began before the section.
    assert use.blocked - 1 <= section.wait_calls
    # A wake-up in the microseconds in which a thread falls asleep can't be told from one that came too early.
    assert 0.98 * use.blocked <= use.latencies_ns.size <= use.blocked
    assert use.latencies_ns[0] > 0


def test_requests_parts(recorded: Recorded, anatomies: Anatomies) -> None:
    assert anatomies.explained().all()
    wall = anatomies.latency_ns().sum()
    known = [request.parts for request in recorded.truth.requests]
    for part in Part:
        found = anatomies.part_ns(part).sum()
        true = sum(parts.get(part.value, 0) for parts in known)
        assert abs(found - true) <= 0.02 * wall, (part, found / 1e6, true / 1e6, wall / 1e6)


def test_the_waits_were_of_use(anatomies: Anatomies) -> None:
    waited = (anatomies.part_ns(Part.JOIN) + anatomies.part_ns(Part.BLOCKED)).sum()
    spent = dict(zip(MEANWHILE, anatomies.meanwhile_ns.sum(axis=0), strict=True))
    # The worker had work at all times: what it lacked was a CPU, when something else runs on this machine.
    assert spent[Meanwhile.IDLE] < 0.1 * waited
    assert spent[Meanwhile.COMPUTING] > (waited - spent[Meanwhile.PREEMPTED]) / 4
