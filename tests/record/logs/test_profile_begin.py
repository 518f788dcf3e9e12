from __future__ import annotations

import time
from calendar import timegm
from pathlib import Path

import pytest

from profiler.errors import UsageError
from profiler.record.logs.profile_begin import (
    AFTER_NAME_NS,
    CLOCK_REALTIME_COARSE,
    NAME_WITHIN_NS,
    begin_of,
    profile_begin,
)

PATH = Path("svc_2026-11-28_15-06-41_804.json")
NAMED = [2026, 11, 28, 15, 6, 41]
WHOLE_NS = timegm((*NAMED[:6], 0, 0, 0)) * 10**9


def test_milliseconds_in_the_name_are_nearest() -> None:
    begin = begin_of([*NAMED, 804], WHOLE_NS + 801_000_000, PATH)
    assert begin.realtime_ns == WHOLE_NS + 804_000_000 + AFTER_NAME_NS
    assert begin.within_ns == NAME_WITHIN_NS


@pytest.mark.parametrize("quarters", [-48, -22, 0, 4, 23, 51])
def test_a_name_is_of_the_program_s_time_zone(quarters: int) -> None:
    created_ns = WHOLE_NS - quarters * 900 * 10**9 + 801_000_000
    begin = begin_of([*NAMED, 804], created_ns, PATH)
    assert begin.realtime_ns == created_ns + 3_000_000 + AFTER_NAME_NS


def test_else_the_file_s_creation_is_which_the_kernel_knows_to_a_tick() -> None:
    created_ns = WHOLE_NS + 801_000_000
    tick_ns = round(time.clock_getres(CLOCK_REALTIME_COARSE) * 1e9)
    begin = begin_of(NAMED, created_ns, PATH)
    assert (begin.realtime_ns, begin.within_ns) == (created_ns + tick_ns, tick_ns)


def test_a_copy_does_not_say_when_it_began() -> None:
    with pytest.raises(UsageError, match="it is a copy"):
        begin_of([*NAMED, 804], WHOLE_NS + 5 * 10**9, PATH)


@pytest.mark.parametrize("wrong", [[2026, 13, 28, 15, 6, 41], [0, 1, 1, 0, 0, 0]])
def test_there_is_no_such_time(wrong: list[int]) -> None:
    with pytest.raises(UsageError, match="there is no such time"):
        begin_of(wrong, WHOLE_NS, PATH)


def test_a_file_that_was_just_made(tmp_path: Path) -> None:
    now_ns = time.time_ns()
    path = tmp_path / time.strftime("svc_%Y-%m-%d_%H-%M-%S.json")
    with path.open("wb") as file:
        begin = profile_begin(path, file.fileno())
    assert abs(begin.realtime_ns - now_ns) < 1_000_000_000


def test_a_file_of_another_name(tmp_path: Path) -> None:
    path = tmp_path / "renamed.json"
    with path.open("wb") as file, pytest.raises(UsageError, match="is not named as ONNX Runtime names"):
        profile_begin(path, file.fileno())
