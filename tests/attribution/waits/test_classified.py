from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.attribution.rules.owners import Owner
from profiler.attribution.waits.classified import ClassifiedWaits, classify_waits, wait_chains, wait_of
from profiler.attribution.waits.futex import futex_use
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.run.kinds import EVIDENCES, WAITS, Evidence, Wait
from profiler.run.processes import one_session
from profiler.run.request import Request
from profiler.trace.model import FUTEX_ENTER, NONE, WAKING, Trace
from profiler.trace.model import SWITCH_OUT as LEAVES
from tests.attribution.made_frames import frame
from tests.attribution.made_trace import CALLING, MS, POOL
from tests.attribution.scheduling import BLOCKS, FRAMES, PREEMPTED, SWITCH_IN, SWITCH_OUT, away, scheduled

if TYPE_CHECKING:
    from profiler.attribution.rules.chains import Frame

OTHER = 40
PROCESS = one_session(CALLING, CALLING, [POOL])
REQUESTS = [Request("profile", 0, 0, 20 * MS, 0), Request("profile", 50 * MS, 50 * MS, 60 * MS, 0)]


def classified(trace: Trace) -> ClassifiedWaits:
    return classify_waits(trace, FRAMES, off_cpu(trace, (0, 100 * MS), {}), PROCESS, REQUESTS)


def kernel(*symbols: str) -> list[Frame]:
    return [frame(Owner.KERNEL, symbol) for symbol in symbols]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (kernel("schedule", "futex_do_wait", "do_futex"), (Wait.FUTEX, Evidence.SYSCALL)),
        (kernel("schedule", "futex_wait_queue", "__x64_sys_futex"), (Wait.FUTEX, Evidence.SYSCALL)),
        (kernel("schedule", "do_nanosleep", "hrtimer_nanosleep"), (Wait.SLEEP, Evidence.SYSCALL)),
        (kernel("schedule", "io_schedule", "folio_wait_bit_common"), (Wait.IO, Evidence.SYSCALL)),
        ([frame(Owner.SYSTEM, "pthread_cond_wait@@GLIBC_2.3.2")], (Wait.FUTEX, Evidence.SYMBOL)),
        ([frame(Owner.KERNEL)], (Wait.SLEEP, Evidence.NONE)),
        ([*kernel("do_nanosleep"), frame(Owner.SYSTEM, "pthread_cond_wait")], (Wait.SLEEP, Evidence.SYSCALL)),
    ],
)
def test_what_a_chain_waits_for(chain: list[Frame], expected: tuple[Wait, Evidence]) -> None:
    assert wait_of(chain) == expected


def test_without_a_chain_the_role_decides() -> None:
    threads = (CALLING, POOL, OTHER)
    waiting = [switch for tid in threads for switch in away(tid, (10, 15), (30, 40))]
    preempted = [switch for tid in threads for switch in away(tid, (45, 46), leaves=PREEMPTED)]
    trace = scheduled([*waiting, *preempted])
    waits = classified(trace)
    assert [WAITS[kind].value for kind in waits.kind] == [
        *("futex", "sleep", "runnable"),
        *("futex", "futex", "runnable"),
        *("sleep", "sleep", "runnable"),
    ]
    assert EVIDENCES[waits.evidence[0]] is Evidence.WINDOW


def test_time_is_split_by_wake_up_and_by_request() -> None:
    trace = scheduled(
        away(OTHER, (10, 55)),
        [(9.9, OTHER, LEAVES, NONE, BLOCKS), (52, CALLING, WAKING, OTHER, NONE)],
    )
    waits = classified(trace)
    (kinds, busy, idle), _, (then, busy_then, idle_then) = waits.parts(REQUESTS)
    assert (WAITS[kinds[0]], busy[0], idle[0]) == (Wait.FUTEX, (10 + 2) * MS, 30 * MS)
    assert (WAITS[then[0]], busy_then[0], idle_then[0]) == (Wait.RUNNABLE, 3 * MS, 0)


def test_ready_without_quota_is_throttled() -> None:
    trace = scheduled(
        [
            *away(POOL, (10, 20), leaves=PREEMPTED),
            *away(POOL, (60, 70), leaves=PREEMPTED),
            *away(OTHER, (30, 55)),
        ],
        [(52, CALLING, WAKING, OTHER, NONE)],
    )
    off = off_cpu(trace, (0, 100 * MS), {})
    stretches = [(12 * MS, 21 * MS), (51 * MS, 56 * MS), (69 * MS, 71 * MS)]
    waits = classify_waits(trace, FRAMES, off, PROCESS, REQUESTS, stretches=stretches)
    spent = dict.fromkeys(Wait, 0)
    for kinds, busy, idle in waits.parts(REQUESTS):
        for kind, time_ns in zip(kinds, busy + idle, strict=True):
            spent[WAITS[kind]] += int(time_ns)
    assert spent[Wait.THROTTLED] == (8 + 3 + 1) * MS
    assert spent[Wait.RUNNABLE] == (2 + 9) * MS


def test_gaps_count_as_nothing() -> None:
    waits = classified(scheduled([(10, POOL, SWITCH_OUT), (30, POOL, SWITCH_OUT), (40, POOL, SWITCH_IN)]))
    assert [int(busy.sum() + idle.sum()) for _, busy, idle in waits.parts(REQUESTS)] == [10 * MS, 0, 0]


def test_chains_merge_by_function() -> None:
    leaves = [(at - 0.1, POOL, LEAVES, NONE, BLOCKS) for at in (5, 15, 30)]
    trace = scheduled(away(POOL, (5, 7), (15, 17), (30, 32)), leaves)
    names = [(f"function {index}", "lib.so") for index in range(5)]
    chains = wait_chains(trace, classified(trace), REQUESTS, names)
    assert [(chain.kind, chain.in_request, chain.count, chain.wait_ns) for chain in chains.chains] == [
        (Wait.FUTEX, True, 2, 4 * MS),
        (Wait.FUTEX, False, 1, 2 * MS),
    ]
    assert [chains.names[function][0] for function in chains.chains[0].functions] == [
        "function 1",
        "function 0",
    ]


def test_futex_use_within_requests() -> None:
    private, realtime = 128, 256
    calls = [
        (1, CALLING, 1 | private),
        (2, POOL, 9 | private | realtime),
        (3, POOL, 0),
        (30, POOL, 9 | private),  # no request is in flight
        (4, POOL, 99),  # neither waits nor wakes
    ]
    trace = scheduled(
        [
            *away(POOL, (5, 8), (12, 17), (30, 33)),
            *away(POOL, (9, 10), leaves=PREEMPTED),
            *away(OTHER, (6, 7)),
        ],
        [(at, tid, FUTEX_ENTER, operation, NONE) for at, tid, operation in calls]
        + [(at, CALLING, WAKING, POOL, NONE) for at in (7.5, 13, 31)],
    )
    use = futex_use(trace, classified(trace), REQUESTS, calls_recorded=True)
    assert (use.wait_calls, use.wake_calls, use.blocked, use.switches) == (2, 1, 2, 3)
    assert use.latencies_ns.tolist() == [0.5 * MS, 4 * MS]
    unseen = futex_use(trace, classified(trace), REQUESTS, calls_recorded=False)
    assert (unseen.wait_calls, unseen.wake_calls, unseen.blocked) == (None, None, 2)
