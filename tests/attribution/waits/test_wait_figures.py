"""`waits`, `request` and `spin_window_ms` of summary.json, and what the terminal makes of them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from profiler.attribution.waits.wait_figures import request_of, spin_window_of, waits_of
from profiler.attribution.waits.wait_profile import profile_waits
from profiler.cli.show_sections import anatomy_table, wait_lines, waits_table
from profiler.run.kinds import Kind, Part, Role, Wait
from profiler.run.manifest import PerfSettings
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.run.sections.unavailable import Unavailable
from profiler.run.sections.wait_section import SpinWindowFigures, WakeUps
from profiler.run.summary import Summary, from_document, why_not
from profiler.spec.waits import Waits
from profiler.trace.model import FUTEX_ENTER, NONE, WAIT_EVENTS, WAKING
from profiler.trace.model import SWITCH_OUT as LEAVES
from tests.attribution.made_trace import CALLING, MS, POOL, make_counters
from tests.attribution.scheduling import (
    BLOCKS,
    FRAMES,
    PREEMPTED,
    SWITCH_IN,
    SWITCH_OUT,
    away,
    samples,
    scheduled,
)
from tests.summaries import made_summary, present, written

NAMES = [("futex_do_wait", "[kernel.kallsyms]"), ("worker loop", "lib.so"), *[("other", "lib.so")] * 3]
REQUESTS = [Request("profile", at * MS, (at + 1) * MS, (at + 20) * MS, 0) for at in (0, 50)]
TRACE = scheduled(
    [
        *away(CALLING, (20.5, 51), (70.5, 100)),
        *away(CALLING, (60, 63), leaves=PREEMPTED),
        *[(5, POOL, SWITCH_IN), (30, POOL, SWITCH_OUT), (61, POOL, SWITCH_IN), (80, POOL, SWITCH_OUT)],
    ],
    [
        (29.9, POOL, LEAVES, NONE, BLOCKS),
        (57, CALLING, FUTEX_ENTER, 129, NONE),
        (58, CALLING, WAKING, POOL, NONE),
    ],
)
SAMPLES = [(time + 0.5, CALLING, Kind.COMPUTE) for time in (*range(1, 15), *range(51, 57))]
SAMPLES += [(time + 0.5, CALLING, Kind.SPIN_JOIN) for time in (*range(15, 20), *range(64, 70))]


def figures(
    waits: Waits = Waits.TRACE, *, pool: bool = True, requests: list[Request] | None = None
) -> Summary:
    requests = REQUESTS if requests is None else requests
    attribution = samples(SAMPLES)
    events = list(WAIT_EVENTS) if waits is Waits.TRACE else []
    counters = make_counters({CALLING: 37, POOL: 44}, 81, end_ms=90)
    process = one_session(CALLING, CALLING, [POOL] if pool else [])
    profile = profile_waits(
        TRACE,
        attribution,
        frames=FRAMES,
        frame_names=NAMES,
        process=process,
        counters=counters,
        requests=requests,
        settings=PerfSettings("cpu-clock", 997, 8192, "6.1", waits, events),
    )
    found = made_summary(
        waits=waits_of(profile, attribution, counters, requests),
        request=request_of(profile.anatomies, profile.settings),
        spin_window_ms=spin_window_of(profile.windows_of(process.pools)),
        profiled__requests=len(requests),
    )
    assert from_document(written(found)) == found
    return found


def test_waits() -> None:
    waits = present(figures().waits)
    assert waits.by_kind == pytest.approx(
        {
            Wait.FUTEX: 5 + 28 + 10,
            Wait.RUNNABLE: 3 + 3,
            Wait.THROTTLED: 0,
            Wait.SLEEP: 30.5 + 19.5,
            Wait.IO: 0,
        }
    )
    assert waits.by_role[Role.CALLING].in_request[Wait.RUNNABLE] == pytest.approx(3)
    assert waits.by_role[Role.POOL].in_request == pytest.approx(
        {Wait.FUTEX: 4 + 7, Wait.RUNNABLE: 3, Wait.THROTTLED: 0, Wait.SLEEP: 0, Wait.IO: 0}
    )
    assert waits.cpu_check == pytest.approx(1)
    assert waits.unknown_ms == 0
    assert waits.chains[0].functions == ["[no call chain]"]
    assert waits.chains[1].functions == ["futex_do_wait", "worker loop"]


def test_futex_use_is_by_request() -> None:
    futex = present(figures().waits).futex
    assert (futex.wait_calls, futex.wake_calls, futex.switches) == (0, 0.5, 0.5)
    assert futex.wakeup_latency_ms == WakeUps(count=1, p50=3, p95=None, max=3)
    unseen = present(figures(Waits.SWITCHES).waits)
    assert (unseen.futex.wake_calls, unseen.futex.wakeup_latency_ms) == (None, None)
    assert unseen.chains == []


def test_requests_and_their_ranks() -> None:
    request = present(figures().request)
    assert (request.requests, request.unexplained, request.p95) == (2, 0, None)
    assert sum(request.by_kind.values()) == pytest.approx(request.wall_ms.mean) == 20
    assert request.by_kind[Part.LATE] == 1
    assert request.by_kind[Part.RUNNABLE] == 1.5
    assert request.runnable_own_ms == 1
    assert sum(request.meanwhile.values()) == pytest.approx(request.by_kind[Part.JOIN])
    assert request.p50 is not None
    assert request.p50.by_kind[Part.JOIN] == pytest.approx(5)
    assert request.p50.samples == 19
    assert isinstance(figures(requests=[]).request, Unavailable)


def test_spin_window() -> None:
    assert figures().spin_window_ms == SpinWindowFigures(p50=10, max=10, requests=2, cut_off=0)
    assert "thread pool" in why_not(figures(pool=False).spin_window_ms)


def test_the_terminal_shows_them() -> None:
    found = figures()
    console = Console(file=io.StringIO(), width=150)
    console.print(anatomy_table(present(found.request)))
    console.print(waits_table(present(found.waits)))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above
    for words in ("late to start", "polled for workers", "p50 request", "pool, in requests", "sleep"):
        assert words in text
    assert "p95 request" not in text
    lines = "\n".join(wait_lines(found))
    assert "each request: 0.0 futex waits, 0.5 futex wakes" in lines
    assert "polled for p50 10.0, max 10.0 ms (2 requests)" in lines
    assert not list(wait_lines(made_summary()))
