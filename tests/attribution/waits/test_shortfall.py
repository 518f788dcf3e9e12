"""What switch records leave out is said, with how much it is."""

from __future__ import annotations

import msgspec
import pytest

from profiler.attribution.waits.shortfall import shortfall
from tests.attribution.waits.test_wait_figures import figures
from tests.summaries import present


@pytest.mark.parametrize("check", [None, 0.98, 1.0, 1.01])
def test_where_the_records_suffice_nothing_is_said(check: float | None) -> None:
    waits = msgspec.structs.replace(present(figures().waits), cpu_check=check)
    assert not shortfall(waits, 100, 1_000_000_000)


def test_a_shortfall_is_a_doubt_with_its_size_and_its_cause() -> None:
    waits = msgspec.structs.replace(present(figures().waits), cpu_check=0.8)
    (doubt,) = shortfall(waits, 10_000, 800_000_000)
    assert doubt.what == "exact waits"
    assert "leave out 20 % of the CPU time, 16.0 µs a switch" in doubt.why
    assert "--scope cpus" in doubt.hint
    assert not shortfall(waits, 0, 800_000_000)
