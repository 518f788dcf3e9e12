from __future__ import annotations

from profiler.listing.listing import Listing
from profiler.pages.run.hot_rows import HotRow, hot_rows
from tests.pages.support import LOOP, PAUSE, POOL, THREAD, Made, Sample, spinning


def rows_of(made: Made, *listings: Listing) -> dict[str, HotRow]:
    analysis = made.analysis()
    return {row.function: row for row in hot_rows(analysis.summary, analysis.profile, listings)}


def test_a_function_comes_with_its_callers_and_callees() -> None:
    loop = rows_of(spinning())[LOOP[0]]
    assert [(one.function, one.share) for one in loop.callers] == [(THREAD[0], "100 %")]
    assert loop.callees[0].function == PAUSE[0]
    assert loop.callees[0].share == "88 %"
    assert loop.listing is None


def test_recursion_counts_once() -> None:
    again = ("again()", "/opt/x.so")
    made = Made(samples=[Sample(i + 1, POOL[0], (THREAD, again, again, again)) for i in range(40)])
    row = rows_of(made)[again[0]]
    assert row.total_share == 1
    assert [one.function for one in row.callers] == [THREAD[0]]
    assert [(one.function, one.share) for one in row.callees] == [(again[0], "100 %")]


def test_a_listing_belongs_to_its_function_and_library() -> None:
    library = LOOP[1].rsplit("/", 1)[-1]
    mine, other = Listing(LOOP[0], library), Listing(LOOP[0], "another.so")
    assert rows_of(spinning(), mine, other)[LOOP[0]].listing is mine


def test_without_a_profile_there_are_no_rows() -> None:
    assert rows_of(Made(phases=("measure",))) == {}
