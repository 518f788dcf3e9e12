from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.analyse import analyse
from profiler.attribution.cpu.attribute import inside
from profiler.attribution.waits.classified import classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.export.columns.exported import exported
from profiler.export.columns.flights import request_at
from profiler.export.columns.samples import whole_by_kind
from profiler.export.columns.threads import ExportedThread
from profiler.export.columns.waits import waits_of
from profiler.run.kinds import KINDS, WAITS, Kind, Role
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.trace.model import NONE, WAKING
from tests.attribution.made_trace import CALLING, MS, POOL
from tests.attribution.scheduling import FRAMES, PREEMPTED, away, scheduled
from tests.export.support import summary_cpu_ns, summary_wait_ns
from tests.pages.support import Made

if TYPE_CHECKING:
    from profiler.export.columns.exported import ExportedRun
    from profiler.run.directory import RunDirectory

OTHER = 40
SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=8)


def sums(ns: np.ndarray, kind: np.ndarray, kinds: tuple) -> dict:  # type: ignore[type-arg]  # of any enumeration
    return {one: int(ns[kind == number].sum()) for number, one in enumerate(kinds)}


def test_times_of_real_runs_are_the_summarys(run: RunDirectory, operators_run: RunDirectory) -> None:
    for one in (run, operators_run):
        analysis = analyse(one)
        made = exported(analysis)
        assert sums(made.samples.cpu_ns, made.samples.kind, KINDS) == summary_cpu_ns(analysis)
        assert made.waits is not None
        assert sums(made.waits.ns, made.waits.kind, WAITS) == summary_wait_ns(analysis)
        assert profile_in_flight(made) == analysis.required_profile.attribution.in_request.tolist()


def profile_in_flight(made: ExportedRun) -> list[bool]:
    rows = len(made.profile.attribution.time_ns)
    flying: list[bool] = (made.samples.request[:rows] != NONE).tolist()
    return flying


def test_a_wait_is_cut_where_the_thread_became_ready_and_where_quota_was_missing() -> None:
    trace = scheduled(
        [*away(POOL, (10, 20), leaves=PREEMPTED), *away(OTHER, (30, 55))],
        [(52, CALLING, WAKING, OTHER, NONE)],
    )
    off = off_cpu(trace, (0, 100 * MS), {})
    stretches = [(12 * MS, 18 * MS), (51 * MS, 54 * MS)]
    process = one_session(CALLING, CALLING, [POOL])
    request = Request("profile", 0, 15 * MS, 40 * MS, 0)
    classified = classify_waits(trace, FRAMES, off, process, [request], stretches=stretches)
    threads = [ExportedThread(tid, 1, "t", Role.OTHER, "") for tid in (POOL, OTHER)]
    waits = waits_of(classified, threads, [request])
    rows = [
        (WAITS[kind].value, thread, begin / MS, end / MS)
        for kind, thread, begin, end in zip(
            *(c.tolist() for c in (waits.kind, waits.thread, waits.begin_ns, waits.end_ns)), strict=True
        )
    ]
    assert rows == [
        ("runnable", 0, 10, 12),
        ("throttled", 0, 12, 18),
        ("runnable", 0, 18, 20),
        ("sleep", 1, 30, 52),
        ("throttled", 1, 52, 54),
        ("runnable", 1, 54, 55),
    ]
    assert waits.request.tolist() == [NONE, NONE, 0, 0, NONE, NONE]
    assert waits.waker.tolist() == [NONE, NONE, NONE, NONE, CALLING, NONE]
    assert waits.ran_ns.tolist() == [20 * MS] * 3 + [55 * MS] * 3


def test_a_wake_up_is_where_the_thread_became_ready(run: RunDirectory) -> None:
    made = exported(analyse(run))
    assert made.waits is not None
    assert made.profile.off_cpu is not None
    waits, off = made.waits, made.profile.off_cpu.waits.off
    woken = waits.waker != NONE
    assert woken.sum() == ((off.waker != NONE) & (off.woken_ns < off.end_ns)).sum() == 30
    assert {WAITS[kind].value for kind in waits.kind[woken].tolist()} == {"runnable"}
    ran = waits.ran_ns[woken]
    assert np.array_equal(ran[ran != NONE], waits.end_ns[woken][ran != NONE])


def test_time_in_no_sample_has_a_row() -> None:
    made = Made()
    attribution = made.analysis().required_profile.attribution
    assert attribution.unsampled_ns == {}
    analysis = made.analysis()
    object.__setattr__(analysis.required_profile.attribution, "unsampled_ns", {Kind.UNKNOWN: 7.4})
    samples = exported(analysis).samples
    assert samples.cpu_ns.tolist() == [7]
    assert KINDS[int(samples.kind[0])] is Kind.UNKNOWN
    assert exported(analysis).threads[int(samples.thread[0])].name == "not sampled"


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1e7)), max_size=200))
def test_whole_nanoseconds_keep_each_kinds_sum(rows: list[tuple[int, float]]) -> None:
    kind = np.array([row[0] for row in rows], np.uint8)
    ns = np.array([row[1] for row in rows])
    whole = whole_by_kind(kind, ns)
    for one in range(4):
        assert whole[kind == one].sum() == pytest.approx(ns[kind == one].sum(), abs=0.501)
    assert np.all(np.abs(whole - ns) <= 1.001)


@given(SPANS, st.lists(st.integers(0, 80), min_size=1, max_size=30))
def test_a_request_is_named_exactly_where_one_is_in_flight(
    spans: list[tuple[int, int]], instants: list[int]
) -> None:
    requests = [Request("profile", begin, begin, begin + length, 0) for begin, length in sorted(spans)]
    time_ns = np.array(instants, np.int64)
    found = request_at(time_ns, np.full(time_ns.shape, 3, np.int32), one_session(1, 1, [2]), requests)
    assert ((found != NONE) == inside(time_ns, requests)).all()
    for now, request in zip(instants, found.tolist(), strict=True):
        if request != NONE:
            assert requests[request].start_ns <= now <= requests[request].end_ns


def test_threads_are_of_their_processes(run: RunDirectory) -> None:
    analysis = analyse(run)
    manifest = analysis.manifest
    worker = manifest.process.pools[0].tids[0]
    first = one_session(manifest.process.pid, manifest.process.callers[0], [])
    second = one_session(77, worker, [])
    changed = msgspec.structs.replace(manifest, process=first, beside=[second])
    recorded = dataclasses.replace(analysis.recorded, manifest=changed)
    made = exported(dataclasses.replace(analysis, recorded=recorded))
    assert {thread.tid: thread.pid for thread in made.threads if thread.tid} == {
        first.callers[0]: first.pid,
        worker: 77,
    }
