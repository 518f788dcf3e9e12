"""A quota set by a real Docker engine: the article's table, from one interleaved run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.cpu_limit import arguments, measure, table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docker.conftest import Engine

pytestmark = pytest.mark.timeout(1800)


def test_spinning_under_docker_s_quota_costs_five_times_the_p95_of_a_single_thread(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.name != "docker":
        pytest.skip("the quota is the kernel's, whoever sets it")
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    # As many threads as a small server has cores: with two, the quota is at times just enough.
    words = ("--container", "docker", "--threads", "4", "--rounds", "2", "--measure", "20")
    rows = measure(arguments([*words, "--reports", str(tmp_path)]))
    print(table(rows))
    p95 = {name: row.p95_ms for name, row in rows.items()}
    assert p95["spin-on"] >= 5 * p95["single-thread"], table(rows)
    assert p95["spin-on"] > p95["spin-off"], table(rows)
    throttled = {name: row.throttled / row.periods for name, row in rows.items()}
    assert throttled["spin-on"] > 1 / 3, table(rows)
    assert throttled["spin-on"] > 3 * throttled["single-thread"], table(rows)
