from __future__ import annotations

from dataclasses import replace

import pytest

from profiler.attribution.rules.chains import Activity, Frame
from profiler.attribution.rules.leaves import classify_leaf, is_shared, settle
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import Evidence, Role
from profiler.symbols.polling import LoopPlace
from tests.attribution.made_frames import (
    AWAKE,
    HELPER,
    LIBC,
    NAMED_JOIN,
    NAMED_WORKER,
    PAUSE,
    PLAIN,
    PYTHON,
    SEM_WAIT,
    frame,
    holding,
    join,
    kernel,
    worker,
)

SHARED = frame(helper=True, shared=True)
AROUND = worker(place=LoopPlace.AROUND)
OWN = frame(Owner.ELSEWHERE, "main")
MEMCPY = frame(Owner.SYSTEM, "memcpy")
IN_POOL, IN_CALLING, IN_OTHER = Role.POOL, Role.CALLING, Role.OTHER


@pytest.mark.parametrize(
    ("leaf", "role", "activity"),
    [
        (worker(), IN_POOL, Activity.POLL_WORK),
        (AROUND, IN_POOL, Activity.POLL_WORK),
        (worker(), IN_OTHER, Activity.POLL_WORK),
        (worker(place=LoopPlace.OUTSIDE), IN_POOL, Activity.RUNTIME),
        (join(), IN_CALLING, Activity.POLL_JOIN),
        (join(), IN_OTHER, Activity.POLL_JOIN),
        (join(), IN_POOL, Activity.POLL_WORK),
        (PAUSE, IN_POOL, Activity.POLL_WORK),
        (PAUSE, IN_CALLING, Activity.POLL_JOIN),
        (HELPER, IN_POOL, Activity.POLL_WORK),
        (SHARED, IN_POOL, Activity.UNKNOWN),
        (SHARED, IN_CALLING, Activity.UNKNOWN),
        (NAMED_WORKER, IN_POOL, Activity.POLL_WORK),
        (NAMED_JOIN, IN_CALLING, Activity.POLL_JOIN),
        (PLAIN, IN_POOL, Activity.RUNTIME),
        (PLAIN, IN_CALLING, Activity.RUNTIME),
        (PYTHON, IN_CALLING, Activity.APP),
        (OWN, IN_CALLING, Activity.UNKNOWN),
        (MEMCPY, IN_POOL, Activity.RUNTIME),
        (MEMCPY, IN_CALLING, Activity.UNKNOWN),
        (SEM_WAIT, IN_POOL, Activity.FUTEX),
        (SEM_WAIT, IN_CALLING, Activity.UNKNOWN),
        (LIBC, IN_POOL, Activity.FUTEX),
        (AWAKE, IN_CALLING, Activity.FUTEX),
        (kernel("futex_wake"), IN_CALLING, Activity.FUTEX),
        (kernel("finish_task_switch"), IN_POOL, Activity.FUTEX),
        (kernel("finish_task_switch"), IN_CALLING, Activity.KERNEL),
        (kernel("clear_page_erms"), IN_POOL, Activity.KERNEL),
        (frame(Owner.SYSTEM, "PyThread_acquire_lock"), IN_CALLING, Activity.APP),
    ],
)
def test_leaves(leaf: Frame, role: Role, activity: Activity) -> None:
    assert classify_leaf([leaf], role).activity is activity


def test_what_is_below_the_leaf_is_not_asked() -> None:
    assert classify_leaf([PLAIN, worker()], IN_POOL).activity is Activity.RUNTIME


def test_no_leaf_at_all() -> None:
    assert classify_leaf([], IN_POOL).activity is Activity.UNKNOWN


def test_inlined_functions_have_their_names() -> None:
    inlined = holding(PLAIN, replace(NAMED_WORKER, polls=True, place=LoopPlace.POLLING))
    verdict = classify_leaf([inlined], IN_POOL)
    assert (verdict.activity, verdict.evidence) == (Activity.POLL_WORK, Evidence.SYMBOL)


def test_a_pause_is_nobody_elses() -> None:
    assert not is_shared(replace(PAUSE, shared=True))
    assert is_shared(SHARED)


@pytest.mark.parametrize(
    ("polling", "working", "activity"),
    [
        (95, 5, Activity.POLL_WORK),
        (5, 95, Activity.RUNTIME),
        (50, 50, Activity.UNKNOWN),
        (0, 0, Activity.UNKNOWN),
        (3, 0, Activity.POLL_WORK),
    ],
)
def test_shared_functions_are_settled_by_what_a_worker_mostly_does(
    polling: int, working: int, activity: Activity
) -> None:
    assert settle(polling, working) is activity
