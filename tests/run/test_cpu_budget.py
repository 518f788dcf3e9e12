from __future__ import annotations

import pytest

from profiler.run.cpu_budget import cpu_list


@pytest.mark.parametrize(
    ("cpus", "text"),
    [([], ""), ([3], "3"), ([1, 0], "0-1"), ([0, 1, 2, 5, 8, 9, 5], "0-2,5,8-9"), (range(128), "0-127")],
)
def test_numbers_are_listed_as_the_kernel_lists_them(cpus: list[int], text: str) -> None:
    assert cpu_list(cpus) == text
