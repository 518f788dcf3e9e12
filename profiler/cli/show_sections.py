"""Where requests' time went, what threads waited for, time by operator: as `ortprof show` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.cli.terminal.fitted_table import FittedTable
    from profiler.run.sections.request_section import RequestFigures
    from profiler.run.sections.wait_section import FutexFigures, WaitFigures
    from profiler.run.summary import Summary

MOST_ROWS = 12
"""Of operators."""


def anatomy_table(request: RequestFigures, *, inferred: bool = False) -> FittedTable:
    """Lay a request's wall time out along the calling thread: the mean, and single requests beside it."""
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.findings.vocabulary import MEANWHILE_NAMES, PART_NAMES

    columns = {
        "mean": request,
        "p50 request": request.p50,
        "p95 request": request.p95,
        "slowest": request.slowest,
    }
    shown = [split for split in columns.values() if split is not None]
    titles = [title for title, split in columns.items() if split is not None]
    how = " (inferred)" if inferred else ""
    table = FittedTable([name(f"a request's time{how}, ms"), *map(figure, titles)])

    def add(label: str, values: Sequence[float], style: str = "") -> None:
        texts = [f"{value:,.2f}" for value in values]
        if set(texts) != {"0.00"}:
            table.add(Text(label, style), *texts)

    for part, label in PART_NAMES.items():
        add(label, [split.by_kind.get(part, 0.0) for split in shown])
    table.add("sum", *(f"{sum(split.by_kind.values()):,.2f}" for split in shown))
    own = [split.runnable_own_ms for split in shown]
    add("  while ready, the pool's threads had its CPU", own, "dim")
    for what, label in MEANWHILE_NAMES.items():
        add(f"  meanwhile workers {label}", [split.meanwhile.get(what, 0.0) for split in shown], "dim")
    return table


def waits_table(waits: WaitFigures) -> FittedTable:
    """Thread time off the CPU by kind, for each role within and between requests."""
    from profiler.cli.terminal.fitted_table import FittedTable, figure, word

    sides = [
        (f"{role.value}, {label}", spent)
        for role, of_role in waits.by_role.items()
        for spent, label in ((of_role.in_request, "in requests"), (of_role.idle, "between"))
        if any(spent.values())
    ]
    table = FittedTable([word("off the CPU, ms"), *(figure(title) for title, _ in sides)])
    for kind in waits.by_kind:
        texts = [f"{spent[kind]:,.1f}" for _, spent in sides]
        if set(texts) - {"0.0"}:
            table.add(kind.value, *texts)
    return table


def part_tables(summary: Summary) -> Iterator[FittedTable]:
    """Yield tables of sessions and pools, where there are several; others of attached processes."""
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.findings import attached, injected
    from profiler.findings.parts import POOL_COLUMNS, SESSION_COLUMNS, pool_rows, session_rows

    for title, columns, rows in (
        ("setting given", injected.COLUMNS, injected.rows(summary)),
        ("process", attached.PROCESS_COLUMNS, attached.process_rows(summary)),
        ("pool, observed", attached.OBSERVED_COLUMNS, attached.observed_rows(summary)),
        ("pool", attached.EVIDENCE_COLUMNS, attached.evidence_rows(summary)),
        ("session, ms", SESSION_COLUMNS, session_rows(summary)),
        ("pool", POOL_COLUMNS, pool_rows(summary)),
    ):
        if not rows:
            continue
        table = FittedTable([name(title), *(figure(column, rank) for rank, column in enumerate(columns))])
        for row in rows:
            table.add(row.name, *row.cells)
        yield table


def predictions_table(summary: Summary) -> FittedTable | None:
    """Lay out what other settings would make of the recording; None where nobody can say."""
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.findings.predictions import prediction_words

    rows = prediction_words.rows(summary)
    if not rows:
        return None
    ranks = {"CPU %": 1}
    columns = [figure(column, ranks.get(column, 0)) for column in prediction_words.COLUMNS]
    table = FittedTable([name(prediction_words.title(summary)), *columns])
    for row in rows:
        table.add(row.name, *row.cells)
    return table


def prediction_lines(summary: Summary) -> Iterator[str]:
    """Say what predictions rest on, or why there are none of processes that were attached to."""
    from profiler.findings.predictions import prediction_words

    yield from prediction_words.sentences(summary)
    why = prediction_words.why_none(summary) if summary.attached is not None else ""
    if why:
        yield why


def wait_lines(summary: Summary) -> Iterator[str]:
    """Say in a line each what futexes did, how long the pool kept polling, and what is left unexplained."""
    from profiler.findings.spin_window_words import ends
    from profiler.findings.vocabulary import UNTRACED_WAKE_UPS
    from profiler.run.summary import available

    waits, window = available(summary.waits), available(summary.spin_window_ms)
    if waits is not None:
        yield from _futex_lines(waits.futex)
        if waits.futex.wakeup_latency_ms is None:
            yield UNTRACED_WAKE_UPS
    if window is not None:
        cut = f"; {window.cut_off} cut off by the next" if window.cut_off else ""
        yield (
            f"after a request the pool polled for p50 {window.p50:.1f}, max {window.max:.1f} ms "
            f"({ends(summary, window)}{cut})"
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


def operators_table(summary: Summary) -> FittedTable | None:
    """Lay out the operator types with most CPU time, milliseconds a request; None where there are none."""
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.findings.operator_table import operator_table

    operators = operator_table(summary)
    if operators is None:
        return None
    parts = [figure(title, rank=len(operators.columns) - at) for at, title in enumerate(operators.columns)]
    table = FittedTable(
        [
            name("operators, ms a request"),
            figure("share"),
            figure("CPU"),
            *parts,
            figure("wall"),
            figure("calls"),
        ]
    )
    for row in operators.rows[:MOST_ROWS]:
        figures = [f"{part:,.2f}" for part in (row.cpu_ms, *row.parts, row.wall_ms)]
        if set(figures) != {"0.00"}:
            table.add(row.name, f"{row.share:.1%}", *figures, f"{row.calls:,.0f}")
    for row in operators.outside:
        table.add(Text(row.name, "dim"), "", f"{row.cpu_ms:,.2f}")
    return table


def operator_lines(summary: Summary) -> list[str]:
    """Say how far the figures carry."""
    from profiler.findings.operator_table import disturbance
    from profiler.run.summary import available

    profile = available(summary.operators)
    return [] if profile is None else disturbance(profile)
