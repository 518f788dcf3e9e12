from __future__ import annotations

import pytest

from profiler.attribution.predictions.observed import observe, watching_ns
from profiler.attribution.waits.wait_profile import profile_waits
from profiler.run.kinds import Kind
from profiler.run.manifest import PerfSettings
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.spec.waits import Waits
from profiler.trace.model import NONE, WAIT_EVENTS, WAKING
from profiler.trace.model import SWITCH_OUT as LEAVES
from tests.attribution.made_trace import CALLING, MS, POOL, make_counters
from tests.attribution.scheduling import BLOCKS, FRAMES, SWITCH_IN, SWITCH_OUT, away, samples, scheduled

REQUESTS = [Request("profile", at * MS, (at + 1) * MS, (at + 20) * MS, 0) for at in (0, 50)]
TRACE = scheduled(
    [
        *away(CALLING, (20.5, 51), (70.5, 100)),
        *[(5, POOL, SWITCH_IN), (30, POOL, SWITCH_OUT), (61, POOL, SWITCH_IN), (80, POOL, SWITCH_OUT)],
    ],
    [
        (20.48, CALLING, LEAVES, NONE, BLOCKS),
        (29.98, POOL, LEAVES, NONE, BLOCKS),
        (60.9, CALLING, WAKING, POOL, NONE),
        (70.44, CALLING, LEAVES, NONE, BLOCKS),
    ],
)
SAMPLES = [(time + 0.5, CALLING, Kind.COMPUTE) for time in (*range(1, 15), *range(51, 65))]
SAMPLES += [(time + 0.5, CALLING, Kind.SPIN_JOIN) for time in (*range(15, 20), *range(65, 70))]
SAMPLES += [(time + 0.5, POOL, Kind.COMPUTE) for time in (*range(5, 10), *range(61, 68))]
SAMPLES += [(time + 0.5, POOL, Kind.SPIN_BUSY) for time in (*range(10, 20), *range(68, 70))]
SAMPLES += [(time + 0.5, POOL, Kind.SPIN_IDLE) for time in (*range(20, 30), *range(70, 80))]


def test_what_an_analysis_tells_of_pools_and_requests() -> None:
    attribution = samples(SAMPLES)
    counters = make_counters({CALLING: 38, POOL: 44}, 82, end_ms=90)
    process = one_session(CALLING, CALLING, [POOL])
    off = profile_waits(
        TRACE,
        attribution,
        frames=FRAMES,
        frame_names=[("f", "l")] * len(FRAMES),
        process=process,
        counters=counters,
        requests=REQUESTS,
        settings=PerfSettings("cpu-clock", 997, 8192, "6.1", Waits.TRACE, list(WAIT_EVENTS)),
    )
    seen = observe(TRACE, FRAMES, attribution=attribution, off=off, process=process, counters=counters)
    (pool,) = seen.pools
    assert (pool.idle_ns, pool.busy_ns, pool.work_ns) == (20 * MS, 12 * MS, 12 * MS)
    assert (pool.threads, pool.wake_ups, pool.spins) == (1, 2, True)
    assert pool.gaps_ns == (1 * MS, 31 * MS)
    assert pool.windows_ns == (10 * MS, 10 * MS)
    assert (seen.total_ns, seen.join_ns) == (82 * MS, 10 * MS)
    assert seen.wake_latencies_ns == (100_000,)
    assert [request.helped_ns for request in seen.requests] == pytest.approx([6 * MS] * 2)
    assert [request.start_ns for request in seen.requests] == [1 * MS, 51 * MS]


def test_what_perf_took_is_seen_between_the_event_of_a_switch_and_its_record() -> None:
    assert watching_ns(TRACE) == pytest.approx((20_000 + 20_000 + 60_000) / 3)
    assert watching_ns(scheduled(away(CALLING, (20, 50)))) == 0
