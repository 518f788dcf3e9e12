"""Samples of context switches that carry the number of somebody else's event.

Where two recordings count the same thread's context switches, the kernel fills one `perf_sample_data` for
both (`do_perf_sw_event` in kernel/events/core.c), and since Linux 6.3 does not fill again what is filled: the
event whose turn is later gets the earlier one's number. perf knows no such event and stops there, "failed to
process type: 9 [Bad address]" (`evlist__event2evsel` in tools/perf/util/evlist.c, which is null then).
Seen with Linux 6.18 and perf 6.1: all switches that another recording saw as well.

Such samples are in the buffers of our event, are laid out as its are, and happened: only the number is wrong.
They keep the other event's clock, too; another run of ortprof has the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.trace.perf_data import (
    CONTEXT_SWITCHES,
    IDENTIFIER,
    NUMBER,
    SOFTWARE,
    Layout,
    mapped,
    read_layout,
    samples,
)

if TYPE_CHECKING:
    from pathlib import Path


def mend(perf_data: Path) -> int:
    """Give samples with unknown numbers that of our event of context switches; return how many there were.

    For a file that perf has just written, where it lies. One that is not whole is left as it is: perf says
    what is wrong with it. `OSError` when it can't be read or written.
    """
    try:
        with mapped(perf_data, writable=True) as data:
            layout = read_layout(data)
            number = _switches(layout)
            return 0 if number is None else _renumber(data, layout, number)
    except ValueError:
        return 0


def _switches(layout: Layout) -> int | None:
    """Return a number of the event of context switches; None where there is none, or not only one.

    No other software event of ours is filled in that way: clocks and tracepoints have samples of their own.
    """
    if not all(event.sample_type & IDENTIFIER for event in layout.events):
        return None
    found = [
        event.ids[0]
        for event in layout.events
        if (event.type, event.config) == (SOFTWARE, CONTEXT_SWITCHES) and event.ids
    ]
    return found[0] if len(found) == 1 else None


def _renumber(data: memoryview, layout: Layout, number: int) -> int:
    known = {one for event in layout.events for one in event.ids}
    strays = [at for at, one in samples(data, layout.begin, layout.end) if one not in known]
    for at in strays:
        NUMBER.pack_into(data, at, number)
    return len(strays)
