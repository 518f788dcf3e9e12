"""Where requests' wall time went and what threads waited for, as `ortprof show` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

REQUESTS = {"p50": "p50 request", "p95": "p95 request", "slowest": "slowest"}


def anatomy_table(request: dict[str, Any]) -> Table:
    """Lay a request's wall time out along the calling thread: the mean, and single requests beside it."""
    from rich.table import Table
    from rich.text import Text

    from profiler.findings.vocabulary import MEANWHILE_NAMES, PART_NAMES

    columns = {"mean": {**request, "wall_ms": request["wall_ms"]["mean"]}}
    columns |= {title: request[key] for key, title in REQUESTS.items() if request[key] is not None}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("a request's time, ms")
    for title in columns:
        table.add_column(title, justify="right", no_wrap=True)

    def add(label: str, section: str, key: str, style: str = "") -> None:
        values = [column[section].get(key, 0.0) for column in columns.values()]
        if any(values):
            table.add_row(Text(label, style), *(f"{value:,.2f}" for value in values))

    for part, label in PART_NAMES.items():
        add(label, "by_kind", part.value)
    table.add_row("sum", *(f"{sum(column['by_kind'].values()):,.2f}" for column in columns.values()))
    owns = [column["runnable_own_ms"] for column in columns.values()]
    if any(owns):
        name = Text("  while ready, the pool's threads had its CPU", "dim")
        table.add_row(name, *(f"{own:,.2f}" for own in owns))
    for what, label in MEANWHILE_NAMES.items():
        add(f"  meanwhile workers {label}", "meanwhile", what.value, "dim")
    return table


def waits_table(waits: dict[str, Any]) -> Table:
    """Thread time off the CPU by kind, for each role within and between requests."""
    from rich.table import Table

    sides = [
        (f"{role}, {label}", spent[side])
        for role, spent in waits["by_role"].items()
        for side, label in (("in_request", "in requests"), ("idle", "between"))
        if any(spent[side].values())
    ]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("off the CPU, ms")
    for title, _ in sides:
        table.add_column(title, justify="right")
    for kind, total in waits["by_kind"].items():
        if total:
            table.add_row(kind, *(f"{spent[kind]:,.1f}" for _, spent in sides))
    return table


def wait_lines(summary: dict[str, Any]) -> Iterator[str]:
    """Say in a line each what futexes did, how long the pool kept polling, and what is left unexplained."""
    futex = summary["waits"].get("futex")
    if futex is not None and futex["switches"] is not None:
        calls = [
            f"{futex[key]:,.1f} {label}"
            for key, label in (("wait_calls", "futex waits"), ("wake_calls", "futex wakes"))
            if futex[key] is not None
        ]
        calls += [
            f"{futex['switches']:,.1f} context switches",
            f"{futex['cpu_ms']:,.2f} ms CPU in the futex path",
        ]
        yield f"each request: {', '.join(calls)}"
        latency = futex["wakeup_latency_ms"]
        if latency is not None and latency["count"]:
            p95 = "" if latency["p95"] is None else f"p95 {latency['p95']:.3f}, "
            yield (
                f"a woken thread ran after p50 {latency['p50']:.3f}, {p95}max {latency['max']:.3f} ms "
                f"({latency['count']:,} wake-ups)"
            )
    window = summary.get("spin_window_ms", {})
    if "p50" in window:
        cut = f"; {window['cut_off']} cut off by the next request" if window["cut_off"] else ""
        yield (
            f"after a request the pool polled for p50 {window['p50']:.1f}, max {window['max']:.1f} ms "
            f"({window['requests']} requests{cut})"
        )
    if summary["request"].get("unexplained"):
        yield f"{summary['request']['unexplained']} requests could not be explained: records are missing"
