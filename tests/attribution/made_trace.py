"""Traces and counters of a process with a calling thread and a pool."""

from __future__ import annotations

import numpy as np

from profiler.run.phase_counters import PhaseCounters, Snapshot, ThreadCounters
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.trace.model import Frames, Samples, Stacks, Switches, Trace
from tests.attribution.made_frames import LIBC, PAUSE, PYTHON, frame, worker

MS = 1_000_000

CALLING, POOL, SILENT = 10, 11, 12

FRAMES = [PAUSE, worker(), PYTHON, frame(), LIBC]

STACKS = [[0, 1], [3, 2], [3], [4]]

POLLS, COMPUTES, LONE, LOST = range(4)


def make_trace(rows: list[tuple[int, int, int]]) -> Trace:
    """Rows of (time in ms, thread, stack), one millisecond of weight each."""

    def column(values: list[int], dtype: type[np.generic]) -> np.ndarray:
        return np.array(values, dtype)

    count = len(rows)
    empty = np.zeros(0, np.int64)
    return Trace(
        events=("cpu-clock",),
        samples=Samples(
            time_ns=column([row[0] * MS for row in rows], np.int64),
            tid=column([row[1] for row in rows], np.int32),
            cpu=np.zeros(count, np.int32),
            event=np.zeros(count, np.int32),
            weight=np.full(count, MS, np.int64),
            stack=column([row[2] for row in rows], np.int32),
        ),
        stacks=Stacks(
            offsets=np.cumsum([0, *map(len, STACKS)]).astype(np.int64),
            frames=column([one for stack in STACKS for one in stack], np.int32),
        ),
        frames=Frames(
            address=np.zeros(len(FRAMES), np.uint64),
            symbol=np.full(len(FRAMES), -1, np.int32),
            dso=np.full(len(FRAMES), -1, np.int32),
        ),
        strings=(),
        switches=Switches(
            empty, empty.astype(np.int32), empty.astype(np.int32), empty.astype(bool), empty.astype(bool)
        ),
        comms={},
        lost_samples=0,
    )


def make_counters(cpu_ms: dict[int, float], process_ms: float, end_ms: int = 100) -> PhaseCounters:
    def snapshot(time_ns: int, factor: int) -> Snapshot:
        return Snapshot(
            time_ns=time_ns,
            process_cpu_ns=round(process_ms * MS) * factor,
            threads={
                tid: ThreadCounters("python", round(ms * MS) * factor, 0, 0, 0) for tid, ms in cpu_ms.items()
            },
        )

    return PhaseCounters(snapshot(0, 0), snapshot(end_ms * MS, 1))


PROCESS = one_session(CALLING, CALLING, [POOL, SILENT])

REQUEST = Request("profile", 0, 0, 10 * MS, 0)
