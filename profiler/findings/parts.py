"""Sessions and pools side by side, where a process has several: one table each for terminal and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.run.kinds import Category, Kind

if TYPE_CHECKING:
    from profiler.run.parts import PoolFigures, SessionFigures
    from profiler.run.summary import Summary

NOTHING = "-"
SESSION_COLUMNS = ("callers", "requests", "CPU ms/req", "p50", "p95", "late", "polled", "ready")
"""The last three are mean ms under perf: late to start, polled for workers, ready without a CPU."""
POOL_COLUMNS = ("threads", "callers", "CPU ms", "spin-idle", "spin-busy", "computing", "polls after")
"""CPU ms of the measure phase; shares of the pool's CPU time under perf; the spin window's median."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """One session or pool, with a text for each column."""

    name: str
    cells: tuple[str, ...]


def session_rows(summary: Summary) -> list[PartRow]:
    """Return a row a session with what was measured of it; empty where there is but one."""
    return [_session(session) for session in summary.sessions] if len(summary.sessions) > 1 else []


def pool_rows(summary: Summary) -> list[PartRow]:
    """Return a row a pool; empty where there is but one. Observed ones are `findings.attached`'s."""
    told = [pool for pool in summary.pools if pool.inferred is None]
    return [_pool(pool) for pool in told] if len(told) > 1 else []


def _session(session: SessionFigures) -> PartRow:
    load, request = session.measured or session.profiled, session.request
    parts = {} if request is None else {part.value: ms for part, ms in request.by_kind.items()}
    figures = (
        (None, None, None)
        if load is None
        else (load.cpu_ms_per_request, load.latency_ms.p50, load.latency_ms.p95)
    )
    cells = (
        str(session.callers),
        NOTHING if load is None else f"{load.requests:,}",
        *map(_ms, figures),
        *(_ms(parts.get(part)) for part in ("late", "spin-join", "runnable")),
    )
    return PartRow(f"{session.id} {session.config}".strip(), cells)


def _pool(pool: PoolFigures) -> PartRow:
    total, window = pool.total_ms, pool.spin_window_ms
    working = sum(ms for kind, ms in pool.by_kind.items() if kind.category is Category.EFFECTIVE)
    spent = (pool.by_kind.get(Kind.SPIN_IDLE, 0.0), pool.by_kind.get(Kind.SPIN_BUSY, 0.0), working)
    shares = [f"{part / total:.0%}" if total else NOTHING for part in spent]
    cells = (
        str(pool.threads),
        str(pool.callers),
        _ms(pool.measured_ms if pool.measured_ms is not None else total),
        *shares,
        _ms(None if window is None else window.p50),
    )
    return PartRow(pool.id, cells)


def _ms(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.2f}"
