"""Operators of known windows: what falls where, on which clock, and that nothing gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.cpu.attribute import Attribution
from profiler.attribution.operators.attributed import Operators, operators_of
from profiler.attribution.operators.executor import Executor
from profiler.attribution.operators.operator_figures import operator_figures
from profiler.attribution.operators.operator_windows import (
    Clock,
    ClockError,
    find_clock,
    stretches,
)
from profiler.attribution.waits.classified import classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.run.kinds import EVIDENCES, KINDS, ROLES, WAITS, Evidence, Kind, Outside, Role, Wait
from profiler.run.manifest import OperatorRecording, PerfSettings
from profiler.run.phase_counters import PhaseCounters, Snapshot
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.run.sections.operator_section import JoinCheck
from profiler.trace.model import NONE, Stacks
from profiler.trace.ort_profile import OrtProfile
from tests.attribution.made_trace import CALLING, FRAMES, MS, POOL
from tests.attribution.scheduling import away, scheduled
from tests.summaries import made_summary, present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.waits.classified import ClassifiedWaits

BOOT = 1_795_000_000_000 * MS
"""CLOCK_REALTIME less CLOCK_MONOTONIC."""
START = 400 * MS
"""When the profiler started, CLOCK_MONOTONIC."""
OTHER = 99
MATMUL, ADD, LOOP, INNER = range(4)
TYPES = ("MatMul", "Add", "Loop", "MatMul")
NAMES = ("product", "sum", "loop", "inner product")
PROCESS = one_session(CALLING, CALLING, [POOL])

Event = tuple[int, float, float]


def profile_of(
    events: Sequence[Event], runs: Sequence[tuple[float, float]], tids: Sequence[int] = (), wait_ms: float = 0
) -> OrtProfile:
    """Events of (node, begin, end) and runs of (begin, end) in ms of CLOCK_MONOTONIC."""

    def ns(values: Sequence[float]) -> Any:
        return np.array([round(value * MS) for value in values], np.int64)

    return OrtProfile(
        node=np.array([event[0] for event in events], np.int32),
        tid=np.array(tids or [CALLING] * len(events), np.int32),
        start_ns=ns([begin for _, begin, _ in events]) - START,
        duration_ns=ns([end - begin for _, begin, end in events]),
        wait_ns=ns([wait_ms] * len(events)),
        run_start_ns=ns([begin for begin, _ in runs]) - START,
        run_duration_ns=ns([end - begin for begin, end in runs]),
        names=NAMES,
        types=TYPES,
        unread=0,
    )


def recording(start_ns: int = BOOT + START) -> OperatorRecording:
    perf = PerfSettings("cpu-clock", 1000, 8192, "6.1")
    return OperatorRecording(PROCESS, perf, start_ns, BOOT + 7 * MS, 7 * MS)


def requests_of(*spans: tuple[float, float]) -> list[Request]:
    return [
        Request("operators", round(begin * MS), round(begin * MS), round(end * MS), 0) for begin, end in spans
    ]


def samples(rows: Sequence[tuple[float, int, Kind]], requests: Sequence[Request]) -> Attribution:
    """Samples of (ms, thread, kind), each of a millisecond."""
    time_ns = np.array([round(ms * MS) for ms, _, _ in rows], np.int64)
    tid = np.array([tid for _, tid, _ in rows], np.int32)
    roles = {CALLING: Role.CALLING, POOL: Role.POOL}
    return Attribution(
        time_ns=time_ns,
        tid=tid,
        stack=np.full(len(rows), NONE, np.int32),
        role=np.array([ROLES.index(roles.get(one, Role.OTHER)) for one in tid.tolist()], np.uint8),
        in_request=np.array(
            [any(r.start_ns <= t <= r.end_ns for r in requests) for t in time_ns.tolist()], bool
        ),
        kind=np.array([KINDS.index(kind) for _, _, kind in rows], np.uint8),
        evidence=np.full(len(rows), EVIDENCES.index(Evidence.WINDOW), np.uint8),
        cpu_ns=np.full(len(rows), float(MS)),
        unsampled_ns={Kind.KERNEL: 3.0 * MS},
        tasks=frozenset(),
    )


NOWHERE = Executor(Stacks(np.zeros(1, np.int64), np.zeros(0, np.int32)), (), ())
FIRST, REQUEST = (450.0, 470.0), (500.0, 520.0)
SEQUENCE = [(MATMUL, 455, 460), (MATMUL, 501, 506), (ADD, 507, 509)]


def attributed(
    rows: Sequence[tuple[float, int, Kind]],
    events: Sequence[Event] = SEQUENCE,
    tids: Sequence[int] = (),
    waits: ClassifiedWaits | None = None,
) -> Operators:
    requests = requests_of(REQUEST)
    profile = profile_of(events, [FIRST, REQUEST], tids, wait_ms=0.5)
    attribution = samples(rows, requests)
    return operators_of(profile, recording(), requests, attribution, waits=waits, executor=NOWHERE)


def cpu_ms(found: Operators, node: int, kind: Kind) -> float:
    return float(found.cpu_ns[node, KINDS.index(kind)]) / MS


def outside_ms(found: Operators, place: Outside) -> float:
    return float(found.outside_ns[place].sum()) / MS


def test_samples_count_for_the_operator_that_ran_at_their_instant() -> None:
    found = attributed(
        [
            *((ms + 0.5, CALLING, Kind.COMPUTE) for ms in range(501, 504)),
            (505.5, CALLING, Kind.SPIN_JOIN),
            (502.5, POOL, Kind.COMPUTE),
            (508.5, POOL, Kind.SPIN_BUSY),
            (506.5, CALLING, Kind.COMPUTE),
            (510.5, OTHER, Kind.APP),
            (502.5, OTHER, Kind.APP),
            (600.5, POOL, Kind.SPIN_IDLE),
        ]
    )
    assert cpu_ms(found, MATMUL, Kind.COMPUTE) == 4
    assert cpu_ms(found, MATMUL, Kind.SPIN_JOIN) == 1
    assert cpu_ms(found, ADD, Kind.SPIN_BUSY) == 1
    assert outside_ms(found, Outside.BETWEEN) == 1
    assert outside_ms(found, Outside.OTHERS) == 2
    assert outside_ms(found, Outside.IDLE) == 1
    assert outside_ms(found, Outside.UNSAMPLED) == 3
    assert found.total_ns == 13 * MS
    assert found.coverage == pytest.approx(4 / 5)
    assert found.calls.tolist() == [1, 1, 0, 0]  # the session's first call is not the phase's
    assert (found.wall_ns / MS).tolist() == [5, 2, 0, 0]


def test_an_operator_of_a_subgraph_is_the_one_that_runs() -> None:
    events = [(LOOP, 501, 511), (INNER, 502, 504), (INNER, 505, 507), (ADD, 511, 512)]
    rows = [(ms + 0.5, CALLING, Kind.COMPUTE) for ms in range(501, 512)]
    found = attributed(rows, events)
    assert [cpu_ms(found, node, Kind.COMPUTE) for node in (LOOP, INNER, ADD)] == [6, 4, 1]
    assert (found.wall_ns / MS).tolist() == [0, 1, 6, 4]


def test_side_by_side_only_the_thread_that_ran_an_operator_counts() -> None:
    events = [(MATMUL, 501, 507), (ADD, 503, 509)]
    rows = [(504.5, CALLING, Kind.COMPUTE), (504.5, POOL, Kind.COMPUTE), (508.5, CALLING, Kind.COMPUTE)]
    found = attributed(rows, events, tids=[CALLING, POOL])
    assert found.concurrent
    assert cpu_ms(found, MATMUL, Kind.COMPUTE) == 1
    assert cpu_ms(found, ADD, Kind.COMPUTE) == 1
    assert outside_ms(found, Outside.BETWEEN) == 1


def test_waits_of_the_thread_that_ran_an_operator_are_its() -> None:
    switches = [
        *away(CALLING, (502, 504)),
        *away(CALLING, (507.5, 508), leaves="preempted"),
        *away(POOL, (490, 519)),
    ]
    trace = scheduled(switches)
    off = off_cpu(trace, (400 * MS, 600 * MS), {CALLING: 1, POOL: 1})
    waits = classify_waits(trace, FRAMES, off, PROCESS, requests_of(REQUEST))
    found = attributed([(501.5, CALLING, Kind.COMPUTE)], waits=waits)
    off_ms = found.off_ns / MS
    assert off_ms[MATMUL, WAITS.index(Wait.FUTEX)] == 2
    assert off_ms[ADD, WAITS.index(Wait.RUNNABLE)] == 0.5
    assert off_ms.sum() == 2.5


def test_figures_sum_to_the_phase_and_say_what_the_profiler_cost() -> None:
    requests = requests_of(REQUEST)
    rows = [(ms + 0.25, tid, Kind.COMPUTE) for ms in range(495, 530) for tid in (CALLING, POOL, OTHER)]
    found = attributed(rows)
    begin, end = (Snapshot(ms * MS, cpu * MS, {}) for ms, cpu in ((400, 0), (600, len(rows) + 3)))
    undisturbed = present(made_summary(profiled__cpu_ms_per_request=54.0).profiled)
    figures = operator_figures(found, PhaseCounters(begin, end), requests, undisturbed)
    by_type = sum(row.cpu_ms for row in figures.by_type)
    outside = sum(sum(kinds.values()) for kinds in figures.outside.values())
    assert by_type + outside == pytest.approx(figures.total_ms) == figures.phase.cpu_ms
    assert [row.type for row in figures.by_type[:2]] == ["MatMul", "Add"]
    assert sum(row.cpu_ms for row in figures.by_node) == pytest.approx(by_type)
    assert figures.cpu_ratio == pytest.approx((len(rows) + 3) / 54)
    assert figures.latency_ratio is None  # one request has no median
    assert figures.join_check == JoinCheck(polled_ms=0.0, blocked_ms=0.0, ort_ms=1.0)


@pytest.mark.parametrize(("start_ns", "name"), [(BOOT + START, "CLOCK_REALTIME"), (START, "CLOCK_MONOTONIC")])
def test_the_clock_is_the_one_on_which_runs_lie_in_their_requests(start_ns: int, name: str) -> None:
    requests = requests_of((500, 520), (600, 620))
    profile = profile_of([], [FIRST, (500.01, 519.9), (600.2, 619.99)])
    clock = find_clock(profile, recording(start_ns), requests)
    assert clock == Clock(name, START, 2)


def test_a_profile_that_ends_early_covers_the_first_requests() -> None:
    requests = requests_of((500, 520), (600, 620))
    assert find_clock(profile_of([], [FIRST, REQUEST]), recording(), requests).runs == 1


@pytest.mark.parametrize(
    ("start_ns", "runs"),
    [
        (BOOT + START + MS, [FIRST, REQUEST]),
        (12345, [FIRST, REQUEST]),
        (BOOT + START, [FIRST, (499.9, 520)]),
        (BOOT + START, [FIRST, (500, 520.1)]),
    ],
)
def test_a_profile_that_fits_no_clock_is_refused(start_ns: int, runs: list[tuple[float, float]]) -> None:
    with pytest.raises(
        ClockError, match=r"outside of their requests: .* ms by CLOCK_MONOTONIC, .* ms by CLOCK_REAL"
    ):
        find_clock(profile_of([], runs), recording(start_ns), requests_of(REQUEST))


@pytest.mark.parametrize("runs", [[], [FIRST]])
def test_a_profile_without_the_phases_runs_is_refused(runs: list[tuple[float, float]]) -> None:
    with pytest.raises(ClockError, match="no call of Run"):
        find_clock(profile_of([], runs), recording(), requests_of(REQUEST))


def test_without_requests_there_is_no_clock() -> None:
    with pytest.raises(ClockError):
        find_clock(profile_of([], [FIRST, REQUEST]), recording(), [])


trees = st.recursive(
    st.lists(st.integers(1, 50), max_size=0),
    lambda children: st.lists(st.tuples(st.integers(0, 30), children, st.integers(1, 30)), max_size=4),
    max_leaves=25,
)


@given(trees)
def test_nested_operators_split_time_without_overlap_and_without_loss(tree: Any) -> None:
    """Each operator has its time less that of those within it, whatever the nesting."""
    events: list[tuple[int, int, int]] = []
    own: list[int] = []
    scale = 10_000

    def walk(children: Any, now: int) -> int:
        for before, inner, after in children:
            now += before * scale
            index = len(events)
            events.append((0, 0, 0))
            own.append(0)
            begin = now
            now = walk(inner, now) + after * scale
            events[index] = (index, begin, now)
            own[index] = now - begin - sum(e[2] - e[1] for e in direct(inner, index))
        return now

    def direct(inner: Any, index: int) -> list[tuple[int, int, int]]:
        found, position = [], index + 1
        for child in inner:
            found.append(events[position])
            position += size(child)
        return found

    def size(child: Any) -> int:
        return 1 + sum(map(size, child[1]))

    walk(tree, 0)
    count = len(events)
    column = np.array(events, np.int64).reshape(-1, 3)
    profile = OrtProfile(
        node=np.arange(count, dtype=np.int32),
        tid=np.zeros(count, np.int32),
        start_ns=column[:, 1],
        duration_ns=column[:, 2] - column[:, 1],
        wait_ns=np.zeros(count, np.int64),
        run_start_ns=np.zeros(0, np.int64),
        run_duration_ns=np.zeros(0, np.int64),
        names=tuple(map(str, range(count))),
        types=("T",) * count,
        unread=0,
    )
    found = stretches(profile, Clock("", 1000, 0), np.arange(count))
    assert (found.begin_ns < found.end_ns).all()
    assert (found.begin_ns[1:] >= found.end_ns[:-1]).all()
    spent = np.bincount(found.event, weights=found.end_ns - found.begin_ns, minlength=count)
    assert spent.tolist() == own
    assert found.at(found.begin_ns).tolist() == found.event.tolist()
