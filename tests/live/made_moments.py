"""Moments that nobody measured."""

from __future__ import annotations

from profiler.live.moment import Moment, PoolMoment, ThreadMoment, Used
from profiler.run.kinds import Kind

SPINS = Used(80.0, {Kind.SPIN_IDLE: 76.0, Kind.COMPUTE: 4.0}, 120.0, 400)
WORKS = Used(10.0, {Kind.APP: 6.0, Kind.KERNEL: 2.0, Kind.SPIN_JOIN: 2.0}, 30.0, 50)
WHOLE = Used(90.0, {Kind.SPIN_IDLE: 76.0, Kind.COMPUTE: 4.0, Kind.APP: 10.0}, 150.0, 450)
HOSTILE = "a\x1b[2Jb"


def moment(requests: float | None = None, lost: int = 0) -> Moment:
    """One process with a pool of two threads and a caller."""
    threads = (
        ThreadMoment(7, 7, HOSTILE, "", WORKS),
        ThreadMoment(7, 8, "python", "pool A", SPINS),
        ThreadMoment(7, 9, "python", "pool A", Used(0.0, {}, 0.0, 0)),
    )
    pools = (
        PoolMoment(7, "python serve.py", "pool A", 2, SPINS, {Kind.SPIN_IDLE: 7.5, Kind.COMPUTE: 0.5}, 1200),
        PoolMoment(7, "python serve.py", "", 1, WORKS, {Kind.APP: 1.0}, 300),
    )
    return Moment(10.0, 10.0, WHOLE, pools, threads, 1, requests, 20, 450, lost)
