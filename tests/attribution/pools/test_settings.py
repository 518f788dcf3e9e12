from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.attribution.cpu.attribute import attribute
from profiler.attribution.pools.settings import infer_settings, spinning
from profiler.attribution.waits.wait_profile import profile_waits
from profiler.run.manifest import PerfSettings
from profiler.run.processes import Pool, PoolRole, Process
from tests.attribution.made_trace import COMPUTES, FRAMES, POLLS, make_counters
from tests.attribution.scheduling import away, scheduled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.parts import InferredSettings

CALLER, WORKER = 10, 11
END_MS = 1000
PERF = PerfSettings("cpu-clock", 997, 8192, "6.1")


def inferred(
    samples: Sequence[tuple[int, int]], spans: Sequence[tuple[float, float]], cpu_ms: float, cpus: str = "0-1"
) -> InferredSettings:
    """Of a pool of one worker with these samples (ms, stack), off the CPU for these spans (ms)."""
    pool = Pool("pool A", PoolRole.INTRA_OP, [WORKER], [CALLER])
    process = Process(CALLER, [CALLER], [pool])
    trace = scheduled(away(WORKER, *spans), [], [(at, WORKER, stack) for at, stack in samples])
    counters = make_counters({CALLER: 0.0, WORKER: cpu_ms}, cpu_ms, end_ms=END_MS)
    masks = {CALLER: "0-1", WORKER: cpus}
    end = msgspec.structs.replace(
        counters.end,
        threads={
            tid: msgspec.structs.replace(thread, cpus=masks[tid], process=CALLER)
            for tid, thread in counters.end.threads.items()
        },
    )
    counters = msgspec.structs.replace(counters, end=end)
    attribution = attribute(trace, FRAMES, process, counters, None, user_only=False)
    off = profile_waits(
        trace,
        attribution,
        frames=FRAMES,
        frame_names=[("f", "l")] * len(FRAMES),
        process=process,
        counters=counters,
        requests=[],
        settings=PERF,
    )
    return infer_settings(pool, CALLER, attribution, off, counters)


def test_a_worker_that_polls_until_it_blocks_spins() -> None:
    """Every 100 ms it works for 10 ms, polls for 30, and blocks."""
    samples = [(at + ms, COMPUTES if ms < 10 else POLLS) for at in range(0, END_MS, 100) for ms in range(40)]
    found = inferred(samples, [(at + 40, at + 100) for at in range(0, END_MS, 100)], cpu_ms=400)
    assert found.spins is True
    assert found.polled == pytest.approx(0.75)
    assert found.blocks_after_ms == pytest.approx(31, abs=1.5)
    assert (found.threads, found.pinned) == (2, 0)


def test_a_worker_that_blocks_after_its_work_does_not() -> None:
    samples = [(at + ms, COMPUTES) for at in range(0, END_MS, 100) for ms in range(10)]
    found = inferred(samples, [(at + 10, at + 100) for at in range(0, END_MS, 100)], cpu_ms=100)
    assert (found.spins, found.polled, found.blocks_after_ms) == (False, 0.0, None)


def test_a_worker_with_few_samples_is_told_by_how_often_it_blocks() -> None:
    often = [(at + 0.1, at + 50) for at in range(0, END_MS, 50)]
    assert inferred([(0, COMPUTES)], often, cpu_ms=2).spins is False
    assert inferred([(0, COMPUTES)], often[:3], cpu_ms=2).spins is None, "too seldom to tell"
    assert inferred([(0, COMPUTES)], often, cpu_ms=30).spins is None, "it may have polled in between"


def test_a_worker_with_other_cpus_than_its_process_is_pinned() -> None:
    assert inferred([], [(0, 1000)], cpu_ms=0, cpus="1").pinned == 1


def test_pools_that_spin_and_where_none_does_all() -> None:
    pools = [Pool(f"pool {tid}", PoolRole.INTRA_OP, [tid], [CALLER]) for tid in (WORKER, WORKER + 1)]
    samples = [(at, WORKER + 1, COMPUTES) for at in range(0, END_MS, 10)]
    polling = [(at + 1, WORKER, POLLS) for at in range(0, END_MS, 10)]

    def found(rows: list[tuple[int, int, int]]) -> list[Pool]:
        trace, process = scheduled([], [], sorted(rows)), Process(CALLER, [CALLER], pools)
        counters = make_counters(dict.fromkeys((WORKER, WORKER + 1), 100.0), 200.0, end_ms=END_MS)
        return spinning(pools, attribute(trace, FRAMES, process, counters, None, user_only=False))

    assert found(samples + polling) == pools[:1]
    assert found(samples) == pools
