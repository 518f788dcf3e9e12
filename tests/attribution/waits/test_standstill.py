from __future__ import annotations

import pytest

from profiler.attribution.waits.off_cpu import off_cpu
from profiler.attribution.waits.standstill import sharpen
from tests.attribution.made_trace import CALLING, MS, POOL
from tests.attribution.scheduling import PREEMPTED, SWITCH_IN, SWITCH_OUT, away, scheduled


def sharpened(
    switches: list[tuple[float, int, str]], *stretches: tuple[float, float]
) -> list[tuple[float, float]]:
    """Sharpen stretches in a window of 400 ms; all times in ms."""
    read = [(round(begin * MS), round(end * MS)) for begin, end in stretches]
    window = (0, 400 * MS)
    off = off_cpu(scheduled(switches), window, {})
    return [(begin / MS, end / MS) for begin, end in sharpen(read, off, window)]


def test_it_lasts_from_the_last_to_leave_until_the_first_to_come() -> None:
    stopped = [*away(CALLING, (97, 191), leaves=PREEMPTED), *away(POOL, (95, 190), leaves=PREEMPTED)]
    assert sharpened(stopped, (100, 193)) == [(97, 190)]


def test_a_short_pause_before_or_after_does_not_count() -> None:
    paused = away(CALLING, (92, 93), (97, 191), (191.5, 192), leaves=PREEMPTED)
    assert sharpened(list(paused), (100, 193)) == [(97, 191)]


def test_a_reading_that_came_late_makes_it_no_shorter() -> None:
    stopped = away(CALLING, (97, 191), (220, 240), leaves=PREEMPTED)
    assert sharpened(list(stopped), (150, 230)) == [(97, 191)]


def test_who_runs_for_a_moment_on_quota_that_was_left_does_not_end_it_for_others() -> None:
    """A request came in the midst of it: its thread ran for 0.1 ms, then it was throttled, too."""
    calling = [*away(CALLING, (30, 150)), *away(CALLING, (150.1, 190), leaves=PREEMPTED)]
    assert sharpened([*calling, *away(POOL, (95, 191), leaves=PREEMPTED)], (151, 193)) == [
        (95, 150),
        (150.1, 190),
    ]
    assert sharpened([*calling, *away(POOL, (95, 191))], (151, 193)) == [(150.1, 190)], "the pool slept"


def test_the_next_one_has_begun_when_a_reading_comes() -> None:
    calling = away(CALLING, (20, 100), (101, 200), leaves=PREEMPTED)
    pool = away(POOL, (20, 200), leaves=PREEMPTED)
    assert sharpened([*calling, *pool], (25, 101.5), (101.5, 201)) == [(20, 100), (101, 200)]


def test_while_a_thread_runs_nothing_stands_still() -> None:
    switches = [*away(CALLING, (97, 191), leaves=PREEMPTED), (1, POOL, SWITCH_IN), (300, POOL, SWITCH_OUT)]
    assert sharpened(switches, (100, 193)) == []


def test_who_sleeps_is_not_kept_off() -> None:
    asleep, stopped = away(CALLING, (10, 90)), away(CALLING, (97, 191), leaves=PREEMPTED)
    assert sharpened([*asleep, *stopped], (100, 193)) == [(97, 191)]
    assert sharpened(list(away(CALLING, (10, 90))), (50, 93)) == []


def test_each_reading_has_a_stretch_of_its_own() -> None:
    """The second came so late that the third had begun, the third while nobody ran again yet."""
    stopped = away(CALLING, (20, 100), (120, 200), (210, 300), leaves=PREEMPTED)
    read = [(25, 101), (195, 240), (240, 295)]
    assert sharpened(list(stopped), *read) == [(20, 100), (120, 200), (210, 295)]


@pytest.mark.parametrize("stretch", [(500, 600), (-100, -10)])
def test_what_lies_outside_the_window_is_left_out(stretch: tuple[float, float]) -> None:
    assert sharpened(list(away(CALLING, (97, 191))), stretch) == []
