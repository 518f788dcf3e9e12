"""Moments of a made process: samples and counters go in, shares come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from profiler.live import meter as metering
from profiler.live.meter import Meter
from profiler.record.light.code_places import CodePlace
from profiler.record.light.session import Leaf
from profiler.run.kinds import Kind
from profiler.run.phase_counters import Snapshot, ThreadCounters
from tests.attribution.made_frames import PLAIN, PYTHON, frame, worker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from profiler.attribution.rules.chains import Frame
    from profiler.live.members import Members
    from profiler.record.light.session import LightSession

PID, MAIN, WORKERS = 1, 1, (11, 12)
LOOP, WORK, APP, SHARED = (CodePlace("/x", offset) for offset in range(4))
FRAMES = dict(
    zip((LOOP, WORK, APP, SHARED), (worker(), PLAIN, PYTHON, frame(helper=True, shared=True)), strict=True)
)
MS = 1_000_000


class Made:
    """Stands for members, session, book and the kernel's counters."""

    pids = (PID,)
    runtime_paths: frozenset[str] = frozenset()
    files_root: Path | None = None
    marks_requests = True
    lost = 0

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.cpu_ns = dict.fromkeys((MAIN, *WORKERS), 0)

    def update(self) -> None:
        """Nobody comes or goes."""

    def requests(self) -> int:
        return 2

    def command(self, pid: int) -> str:
        return f"program {pid}"

    def read(self, _pids: object) -> list[Leaf]:
        taken, self.leaves = self.leaves, []
        return taken

    def frames(self, places: Iterable[CodePlace]) -> list[Frame]:
        return [FRAMES[place] for place in places]

    def snapshot(self, _pid: int) -> Snapshot:
        threads = {
            tid: ThreadCounters("t", cpu_ns, 0, cpu_ns // MS, 0, started_ticks=5, process=PID)
            for tid, cpu_ns in self.cpu_ns.items()
        }
        return Snapshot(0, sum(self.cpu_ns.values()), threads)

    def spend(self, tid: int, ms: int, *places: CodePlace) -> None:
        self.cpu_ns[tid] += ms * MS
        self.leaves += [Leaf(PID, tid, place) for place in places]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    monkeypatch.setattr(metering, "snapshot", made.snapshot)
    monkeypatch.setattr(metering, "LeafBook", lambda *_: made)
    return made


def test_workers_that_poll_and_a_caller(made: Made) -> None:
    meter = Meter(cast("Members", made), cast("LightSession", made))
    for tid in WORKERS:
        made.spend(tid, 100, *([LOOP] * 20), *([SHARED] * 5))
    made.spend(MAIN, 50, APP, WORK)
    moment = meter.tick()
    pool, others = moment.pools
    assert (pool.pool, pool.threads, pool.switches) == ("pool A", 2, 200)
    assert pool.spent_s == pytest.approx({Kind.SPIN_IDLE: 0.2})
    assert others.spent_s == pytest.approx({Kind.APP: 0.025, Kind.COMPUTE: 0.025})
    assert (moment.samples, moment.requests) == (52, 2)
    assert pool.used.spin_share == 1.0


def test_threads_that_end_leave_what_they_spent(made: Made) -> None:
    meter = Meter(cast("Members", made), cast("LightSession", made))
    for tid in WORKERS:
        made.spend(tid, 100, *([LOOP] * 20))
    meter.tick()
    made.spend(WORKERS[1], 30)
    meter.tick()
    del made.cpu_ns[WORKERS[1]]
    pool, _ = meter.tick().pools
    assert pool.threads == 1
    assert pool.spent_s == pytest.approx({Kind.SPIN_IDLE: 0.2, Kind.UNKNOWN: 0.03})


def test_pools_of_two_processes_have_names_of_their_own(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def snapshot(pid: int) -> Snapshot:
        threads = {pid: 0, pid * 10 + 1: 100 * MS, pid * 10 + 2: 100 * MS}
        counters = {tid: ThreadCounters("t", ns, 0, 0, 0, started_ticks=5) for tid, ns in threads.items()}
        return Snapshot(0, 200 * MS, counters)

    monkeypatch.setattr(metering, "snapshot", snapshot)
    made.pids = (3, 4)  # type: ignore[assignment]  # two, where the others have one
    meter = Meter(cast("Members", made), cast("LightSession", made))
    made.leaves = [Leaf(pid, pid * 10 + 1, LOOP) for pid in (4, 3) for _ in range(20)]
    assert [(pool.pid, pool.pool) for pool in meter.tick().pools if pool.pool] == [
        (3, "pool A"),
        (4, "pool B"),
    ]
