from __future__ import annotations

from profiler.attribution.cpu.hot_functions import FUTEX_ROWS, HOT_ROWS
from tests.pages.support import BLOCK, LOOP, POOL, THREAD, Made, Sample


def test_the_futex_path_is_listed_behind_the_hottest_where_lines_are_known() -> None:
    """What blocks has hardly any time of its own: it stands behind all that compute."""
    work = [(f"work{i}", "x.so") for i in range(HOT_ROWS + 5)]
    waits = [(f"nsync::wait{i}", "x.so") for i in range(FUTEX_ROWS + 3)]
    samples = [Sample(i + 1, POOL[0], (THREAD, LOOP, one)) for i, one in enumerate([*work, *work])]
    kernel = ("futex_wait", "[kernel.kallsyms]")
    samples += [Sample(200 + i, POOL[0], (THREAD, LOOP, BLOCK, one, kernel)) for i, one in enumerate(waits)]
    samples += [Sample(300, POOL[0], (THREAD, LOOP, BLOCK, waits[-1], kernel))]
    profile = Made(samples=samples).analysis().profile
    assert profile is not None
    functions = profile.functions
    nothing = functions.listed(())
    assert len(nothing) == HOT_ROWS
    listed = [functions.names[row.function][0] for row in functions.listed(functions.names)[HOT_ROWS:]]
    assert len(listed) == FUTEX_ROWS
    assert listed[:2] == [BLOCK[0], waits[-1][0]]
    assert all(name == BLOCK[0] or name.startswith("nsync") for name in listed)
