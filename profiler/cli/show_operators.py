"""Time by operator, as `ortprof show` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from profiler.run.summary import Summary

MOST_ROWS = 12


def operators_table(summary: Summary) -> Table | None:
    """Lay out the operator types with most CPU time, milliseconds a request; None where there are none."""
    from rich.table import Table
    from rich.text import Text

    from profiler.findings.operator_table import operator_table

    found = operator_table(summary)
    if found is None:
        return None
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("operators, ms a request", no_wrap=True, overflow="ellipsis")
    for title in ("share", "CPU", *found.columns, "wall", "calls"):
        table.add_column(title, justify="right")
    for row in found.rows[:MOST_ROWS]:
        parts = (f"{part:,.2f}" for part in (row.cpu_ms, *row.parts, row.wall_ms))
        table.add_row(Text(row.name), f"{row.share:.1%}", *parts, f"{row.calls:,.0f}")
    for row in found.outside:
        table.add_row(Text(row.name, "dim"), "", f"{row.cpu_ms:,.2f}")
    return table


def operator_lines(summary: Summary) -> list[str]:
    """Say how far the figures carry."""
    from profiler.findings.operator_table import disturbance
    from profiler.run.summary import available

    found = available(summary.operators)
    return [] if found is None else disturbance(found)
