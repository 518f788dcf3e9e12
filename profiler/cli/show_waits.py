"""Where requests' wall time went and what threads waited for, as `ortprof show` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from profiler.run.sections import FutexFigures, RequestFigures, WaitFigures
    from profiler.run.summary import Summary


def anatomy_table(request: RequestFigures) -> Table:
    """Lay a request's wall time out along the calling thread: the mean, and single requests beside it."""
    from rich.table import Table
    from rich.text import Text

    from profiler.findings.vocabulary import MEANWHILE_NAMES, PART_NAMES

    columns = {
        "mean": request,
        "p50 request": request.p50,
        "p95 request": request.p95,
        "slowest": request.slowest,
    }
    shown = [split for split in columns.values() if split is not None]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("a request's time, ms")
    for title, split in columns.items():
        if split is not None:
            table.add_column(title, justify="right", no_wrap=True)

    def add(label: str, values: Sequence[float], style: str = "") -> None:
        if any(values):
            table.add_row(Text(label, style), *(f"{value:,.2f}" for value in values))

    for part, label in PART_NAMES.items():
        add(label, [split.by_kind.get(part, 0.0) for split in shown])
    table.add_row("sum", *(f"{sum(split.by_kind.values()):,.2f}" for split in shown))
    own = [split.runnable_own_ms for split in shown]
    add("  while ready, the pool's threads had its CPU", own, "dim")
    for what, label in MEANWHILE_NAMES.items():
        add(f"  meanwhile workers {label}", [split.meanwhile.get(what, 0.0) for split in shown], "dim")
    return table


def waits_table(waits: WaitFigures) -> Table:
    """Thread time off the CPU by kind, for each role within and between requests."""
    from rich.table import Table

    sides = [
        (f"{role.value}, {label}", spent)
        for role, of_role in waits.by_role.items()
        for spent, label in ((of_role.in_request, "in requests"), (of_role.idle, "between"))
        if any(spent.values())
    ]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("off the CPU, ms")
    for title, _ in sides:
        table.add_column(title, justify="right")
    for kind, total in waits.by_kind.items():
        if total:
            table.add_row(kind.value, *(f"{spent[kind]:,.1f}" for _, spent in sides))
    return table


def wait_lines(summary: Summary) -> Iterator[str]:
    """Say in a line each what futexes did, how long the pool kept polling, and what is left unexplained."""
    from profiler.run.summary import available

    waits, window = available(summary.waits), available(summary.spin_window_ms)
    if waits is not None:
        yield from _futex_lines(waits.futex)
    if window is not None:
        cut = f"; {window.cut_off} cut off by the next request" if window.cut_off else ""
        yield (
            f"after a request the pool polled for p50 {window.p50:.1f}, max {window.max:.1f} ms "
            f"({window.requests} requests{cut})"
        )
    request = available(summary.request)
    if request is not None and request.unexplained:
        yield f"{request.unexplained} requests could not be explained: records are missing"


def _futex_lines(futex: FutexFigures) -> Iterator[str]:
    if futex.switches is None:
        return
    calls = [
        f"{value:,.1f} {label}"
        for value, label in ((futex.wait_calls, "futex waits"), (futex.wake_calls, "futex wakes"))
        if value is not None
    ]
    calls.append(f"{futex.switches:,.1f} context switches")
    if futex.cpu_ms is not None:
        calls.append(f"{futex.cpu_ms:,.2f} ms CPU in the futex path")
    yield f"each request: {', '.join(calls)}"
    latency = futex.wakeup_latency_ms
    if latency is not None and latency.p50 is not None and latency.max is not None:
        p95 = "" if latency.p95 is None else f"p95 {latency.p95:.3f}, "
        yield (
            f"a woken thread ran after p50 {latency.p50:.3f}, {p95}max {latency.max:.3f} ms "
            f"({latency.count:,} wake-ups)"
        )
