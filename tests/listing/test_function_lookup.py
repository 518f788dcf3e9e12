from __future__ import annotations

import pytest

from profiler.attribution.cpu.hot_functions import Functions
from profiler.errors import UsageError
from profiler.listing.function_lookup import OFFERED, find_function
from tests.pages.support import KERNEL, LOOP, PAUSE, POOL, SPINNING, THREAD, WORKING, Made, Sample


@pytest.fixture
def functions() -> Functions:
    samples = [Sample(i + 1, POOL[0], SPINNING) for i in range(30)]
    samples += [Sample(i + 51, POOL[0], WORKING) for i in range(20)]
    profile = Made(samples=samples).analysis().profile
    assert profile is not None
    return profile.functions


def found(functions: Functions, wanted: str | None) -> str:
    return functions.names[find_function(functions, wanted).function][0]


def test_without_a_name_it_is_the_hottest(functions: Functions) -> None:
    assert found(functions, None) == PAUSE[0]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (LOOP[0], LOOP[0]),
        ("WorkerLoop", LOOP[0]),
        ("SpinP", PAUSE[0]),
        ("Sgemm", KERNEL[0]),
        # Of several the only one with time of its own.
        ("concurrency", PAUSE[0]),
        (THREAD[0], THREAD[0]),
    ],
)
def test_a_part_that_fits_one_function_is_enough(functions: Functions, wanted: str, expected: str) -> None:
    assert found(functions, wanted) == expected


def test_what_fits_several_or_none_is_refused_with_candidates(functions: Functions) -> None:
    with pytest.raises(UsageError, match="2 functions have 'S' in their names") as several:
        find_function(functions, "S")
    assert several.value.hint is not None
    assert KERNEL[0] in several.value.hint
    with pytest.raises(UsageError, match="no function has 'nothing' in its name") as none:
        find_function(functions, "nothing")
    assert none.value.hint is not None
    assert "60 %" in none.value.hint


def test_candidates_are_few() -> None:
    samples = [Sample(i + 1, POOL[0], ((f"same{i}", "x.so"),)) for i in range(OFFERED + 3)]
    profile = Made(samples=samples).analysis().profile
    assert profile is not None
    with pytest.raises(UsageError) as several:
        find_function(profile.functions, "same")
    assert several.value.hint is not None
    assert several.value.hint.count("same") == OFFERED
    assert "… and 3 more" in several.value.hint


def test_a_profile_without_functions_is_told() -> None:
    with pytest.raises(UsageError, match="no function"):
        find_function(Functions([], []), None)
