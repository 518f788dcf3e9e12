"""What `top` shows of a moment: a line on the whole, a row a pool, a row a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from profiler.attribution.statistics import share_interval
from profiler.cli.terminal.fitted_table import FittedTable, figure, name
from profiler.findings import formats
from profiler.findings.light import between
from profiler.run.kinds import Kind

if TYPE_CHECKING:
    from rich.console import RenderableType

    from profiler.live.moment import Moment, PoolMoment, ThreadMoment, Used

NOTHING = "-"
REST = (Kind.FUTEX, Kind.KERNEL, Kind.UNKNOWN)
LINES_AROUND = 6
"""Of the terminal, that are no rows: what is above and below the table, and its titles."""
KEYS = "q quits, s saves what was seen as a run"


def view(moment: Moment, note: str, height: int) -> RenderableType:
    """Return what fits into so many lines; `note` stands below."""
    table = FittedTable(
        [
            name("% of a core"),
            figure("CPU"),
            figure("polling"),
            figure("computing"),
            figure("joining", 3),
            figure("app", 2),
            figure("rest", 4),
            figure("switches/s", 1),
        ]
    )
    rows = [row for pool in moment.pools for row in _rows(pool, moment)]
    room = max(1, height - LINES_AROUND)
    for cells in rows[:room]:
        table.add(*cells)
    left = f"{len(rows) - room} more rows; " if len(rows) > room else ""
    return Group(Text(summary(moment)), Text(), table, Text(f"{left}{note or KEYS}", style="dim"))


def summary(moment: Moment) -> str:
    """Return the whole in one line."""
    used = moment.used
    said = [
        formats.count(moment.processes, "process", "processes"),
        f"{used.cpu_percent:.1f} % of a core",
        _polling(used),
        f"{used.switches_a_second:,.0f} switches/s",
    ]
    if moment.requests_a_second is not None:
        said.append(f"{moment.requests_a_second:,.1f} requests/s")
    said.append(f"last {moment.window_seconds:.0f} s, {formats.count(used.samples, 'sample')}")
    if moment.lost:
        said.append(f"{moment.lost:,} samples lost")
    return "; ".join(said)


def _polling(used: Used) -> str:
    share = used.spin_share
    if share is None:
        return "nothing sampled yet"
    sure = between(share_interval(share, used.samples))
    return f"of what was sampled, {formats.percent(share)} polling ({sure})"


def _rows(pool: PoolMoment, moment: Moment) -> list[tuple[str, ...]]:
    where = f"{pool.pid} " if moment.processes > 1 else ""
    what = pool.pool or ("others" if len(moment.pools) > 1 else "threads")
    head = (f"{where}{what} ({pool.threads})", *_cells(pool.used))
    mine = [thread for thread in moment.threads if (thread.pid, thread.pool) == (pool.pid, pool.pool)]
    mine = sorted(mine, key=lambda thread: -thread.used.cpu_percent)
    return [head, *(_thread(thread) for thread in mine if thread.used.cpu_percent or pool.pool)]


def _thread(thread: ThreadMoment) -> tuple[str, ...]:
    return (f"  {thread.tid} {thread.comm}", *_cells(thread.used))


def _cells(used: Used) -> tuple[str, ...]:
    kinds = used.by_kind
    polling = kinds.get(Kind.SPIN_IDLE, 0.0) + kinds.get(Kind.SPIN_BUSY, 0.0)
    shown = (
        used.cpu_percent,
        polling,
        kinds.get(Kind.COMPUTE, 0.0),
        kinds.get(Kind.SPIN_JOIN, 0.0),
        kinds.get(Kind.APP, 0.0),
        sum(kinds.get(kind, 0.0) for kind in REST),
    )
    return (*(_percent(value) for value in shown), f"{used.switches_a_second:,.0f}")


def _percent(value: float) -> str:
    return f"{value:.1f}" if value else NOTHING
