"""Synthetic requests whose parts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.requests.anatomy import Anatomies, dissect
from profiler.attribution.waits.classified import classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.run.kinds import Kind, Meanwhile, Part
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.trace.model import WAKING
from tests.attribution.made_trace import CALLING, FRAMES, MS
from tests.attribution.scheduling import PREEMPTED, SWITCH_IN, SWITCH_OUT, away, samples, scheduled

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND = 21, 22
PROCESS = one_session(CALLING, CALLING, [FIRST, SECOND])
WINDOW = (0, 1000 * MS)


def anatomy(
    request: tuple[float, float, float],
    switches: Sequence[tuple[float, int, str]],
    kinds: Sequence[tuple[float, float, int, Kind]],
    *,
    wakings: tuple[tuple[float, int], ...] = (),
    stretches: Sequence[tuple[float, float]] = (),
    user_only: bool = False,
) -> Anatomies:
    """Dissect one request (scheduled, start, end; in ms).

    `kinds`: (from, to, thread, kind) of samples, one each millisecond. Threads of the pool are off the CPU
    but for what `switches` say. `stretches`: from when to when the quota was used up.
    """
    scheduled_at, start, end = (round(time * MS) for time in request)
    made = Request("profile", scheduled_at, start, end, 0)
    trace = scheduled(switches, [(time, CALLING, WAKING, tid, -1) for time, tid in wakings])
    off = off_cpu(trace, WINDOW, {FIRST: 0, SECOND: 0, CALLING: WINDOW[1]})
    stopped = [(round(begin * MS), round(end * MS)) for begin, end in stretches]
    waits = classify_waits(trace, FRAMES, off, PROCESS, [made], stretches=stopped)
    rows = sorted(
        (time, tid, kind) for begin, stop, tid, kind in kinds for time in np.arange(begin + 0.5, stop)
    )
    return dissect(
        trace.switches, waits, samples(rows), process=PROCESS, requests=[made], user_only=user_only
    )


def parts_ms(found: Anatomies) -> dict[str, float]:
    return {part.value: round(ns / MS, 6) for part, ns in found.parts_of(0).items() if ns}


def meanwhile_ms(found: Anatomies) -> dict[str, float]:
    return {what.value: round(ns / MS, 6) for what, ns in found.meanwhile_of(0).items() if ns}


def test_all_parts_of_the_calling_thread() -> None:
    found = anatomy(
        (90, 100, 200),
        [*away(CALLING, (130, 150)), *away(CALLING, (160, 165), leaves=PREEMPTED)],
        [
            (100, 120, CALLING, Kind.COMPUTE),
            (120, 125, CALLING, Kind.FUTEX),
            (125, 130, CALLING, Kind.APP),
            (150, 160, CALLING, Kind.SPIN_JOIN),
            (165, 195, CALLING, Kind.SPIN_JOIN),
            (195, 200, CALLING, Kind.KERNEL),
        ],
        wakings=((147, CALLING),),
    )
    assert parts_ms(found) == {
        "late": 10,
        "compute": 25,
        "futex": 5,
        "spin-join": 40,
        "blocked": 17,
        "runnable": 3 + 5,
        "other": 5,
    }
    assert found.samples == [75]
    assert found.explained() == [True]
    assert found.parts_ns.sum() == found.latency_ns()


def test_what_the_workers_did_while_the_caller_polled() -> None:
    found = anatomy(
        (0, 0, 60),
        [
            *[
                (20, FIRST, SWITCH_IN),
                (30, FIRST, PREEMPTED),
                (40, FIRST, SWITCH_IN),
                (55, FIRST, SWITCH_OUT),
            ],
            *[(25, SECOND, SWITCH_IN), (26, SECOND, SWITCH_OUT)],
        ],
        [
            (0, 60, CALLING, Kind.SPIN_JOIN),
            (20, 30, FIRST, Kind.COMPUTE),
            (40, 50, FIRST, Kind.COMPUTE),
            (50, 55, FIRST, Kind.SPIN_BUSY),
        ],
        wakings=((13, FIRST),),
    )
    assert parts_ms(found) == {"spin-join": 60}
    assert meanwhile_ms(found) == {"computing": 20, "waking": 7, "preempted": 10, "idle": 13 + 5 + 5}


def test_what_the_workers_did_while_the_caller_was_blocked() -> None:
    found = anatomy(
        (0, 0, 100),
        [*away(CALLING, (10, 90)), (20, FIRST, SWITCH_IN), (70, FIRST, SWITCH_OUT), (30, SECOND, SWITCH_IN)],
        [
            (0, 10, CALLING, Kind.COMPUTE),
            (60, 70, FIRST, Kind.FUTEX),
            (30, 90, SECOND, Kind.SPIN_BUSY),
            (20, 59, FIRST, Kind.COMPUTE),
            (90, 100, CALLING, Kind.COMPUTE),
        ],
        wakings=((12, FIRST), (15, SECOND)),
    )
    assert parts_ms(found) == {"compute": 20, "blocked": 80}
    known = {"computing": 39.5, "waking": 8 + 10.5, "idle": 2 + 20}
    assert meanwhile_ms(found) == pytest.approx(known, abs=0.02 * 80)
    assert found.meanwhile_ns.sum() == pytest.approx(80 * MS)


def test_who_had_the_callers_cpu() -> None:
    """All switches are on processor 0."""
    found = anatomy(
        (0, 0, 100),
        [
            *away(CALLING, (10, 50), (60, 80), leaves=PREEMPTED),
            *[
                (10, FIRST, SWITCH_IN),
                (30, FIRST, PREEMPTED),
                (35, SECOND, SWITCH_IN),
                (50, SECOND, SWITCH_OUT),
            ],
        ],
        [(0, 100, CALLING, Kind.COMPUTE)],
    )
    assert parts_ms(found) == {"compute": 40, "runnable": 60}
    assert found.own_ns == [(20 + 15) * MS]


def test_the_limit_stops_the_caller() -> None:
    """It is late by 10 ms of which 4 are, is preempted and woken into stretches, and sleeps through one."""
    found = anatomy(
        (90, 100, 200),
        [*away(CALLING, (110, 150), leaves=PREEMPTED), *away(CALLING, (155, 160), (170, 190))],
        [(100, 200, CALLING, Kind.COMPUTE)],
        wakings=((158, CALLING), (175, CALLING)),
        stretches=[(80, 94), (110, 120), (125, 145), (156, 157), (170, 195)],
    )
    assert parts_ms(found) == {
        "late": 6,
        "compute": 100 - 40 - 5 - 20,
        "blocked": 3 + 5,
        "runnable": 10 + 2,
        "throttled": 4 + 10 + 20 + 15,
    }
    assert found.parts_ns.sum() == found.latency_ns()


def test_the_limit_stops_the_workers() -> None:
    found = anatomy(
        (0, 0, 100),
        [
            *away(CALLING, (10, 90)),
            *[(20, FIRST, SWITCH_IN), (30, FIRST, PREEMPTED), (70, FIRST, SWITCH_IN)],
        ],
        [(0, 100, CALLING, Kind.COMPUTE), (20, 100, FIRST, Kind.COMPUTE)],
        wakings=((12, FIRST), (75, SECOND)),
        stretches=[(14, 20), (30, 65)],
    )
    assert parts_ms(found) == {"compute": 20, "blocked": 80}
    known = {"idle": 2, "waking": 2, "throttled": 6 + 35, "preempted": 5, "computing": 10 + 20}
    assert meanwhile_ms(found) == pytest.approx(known, abs=0.02 * 80)


def test_a_stint_too_short_for_a_sample_is_work() -> None:
    found = anatomy(
        (0, 0, 10),
        [*away(CALLING, (0, 10)), (4, FIRST, SWITCH_IN), (4.5, FIRST, SWITCH_OUT)],
        [(20, 30, FIRST, Kind.SPIN_IDLE)],
    )
    assert meanwhile_ms(found) == pytest.approx({"computing": 0.5, "idle": 9.5}, abs=0.11)


def test_a_request_with_a_missing_record_is_not_explained() -> None:
    twice_out = [(10, CALLING, SWITCH_OUT), (20, CALLING, SWITCH_OUT), (30, CALLING, SWITCH_IN)]
    found = anatomy((0, 0, 100), twice_out, [(0, 100, CALLING, Kind.COMPUTE)])
    assert parts_ms(found) == {"compute": 80, "blocked": 10, "unaccounted": 10}
    assert found.explained() == [False]
    assert anatomy((0, 0, 1000), twice_out, [(0, 100, CALLING, Kind.COMPUTE)]).explained() == [True]


def test_a_request_without_samples_is_split_like_the_others() -> None:
    found = anatomy((0, 0, 10), [], [(20, 29, CALLING, Kind.COMPUTE), (29, 30, CALLING, Kind.KERNEL)])
    assert parts_ms(found) == {"compute": 9, "other": 1}
    assert found.samples == [0]
    assert parts_ms(anatomy((0, 0, 10), [], [])) == {"other": 10}


def test_the_unseen_kernel_has_what_the_samples_leave() -> None:
    found = anatomy((0, 0, 10), [], [(0, 6, CALLING, Kind.COMPUTE)], user_only=True)
    assert parts_ms(found) == {"compute": 6, "other": 4}


TIMES = st.integers(0, 1000)
THREADS = st.sampled_from([CALLING, FIRST])


@given(
    st.lists(st.tuples(TIMES, THREADS, st.sampled_from([SWITCH_IN, SWITCH_OUT, PREEMPTED]))),
    st.lists(st.tuples(TIMES, TIMES, THREADS, st.sampled_from(Kind)), max_size=3),
    st.lists(st.tuples(TIMES, THREADS), max_size=5).map(tuple),
    st.lists(st.tuples(TIMES, TIMES).map(sorted), max_size=4),
    st.lists(TIMES, min_size=3, max_size=3).map(sorted),
)  # fmt: skip
def test_parts_always_sum_to_the_wall_time(
    switches: Sequence[tuple[float, int, str]],
    kinds: Sequence[tuple[float, float, int, Kind]],
    wakings: tuple[tuple[float, int], ...],
    stretches: list[list[float]],
    request: list[float],
) -> None:
    first, second, third = request
    stopped = [(begin, end) for begin, end in stretches]
    found = anatomy((first, second, third), switches, kinds, wakings=wakings, stretches=stopped)
    assert found.parts_ns.sum() == pytest.approx(found.latency_ns()[0], abs=1)
    assert found.parts_ns.min() >= 0
    waited = found.part_ns(Part.JOIN) + found.part_ns(Part.BLOCKED)
    assert found.meanwhile_ns.sum() == pytest.approx(waited[0], abs=1)
    assert set(found.meanwhile_of(0)) == set(Meanwhile)
