"""Shares of CPU time against programs that know them: at most 2 percentage points apart.

Half of the combinations, chosen so that every mixture meets a stripped build and one with symbols, and
two with perf on the CPUs; `make accuracy` has all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.record.capabilities import watches_cpus
from profiler.spec.scope import Scope
from tests.accuracy.mixtures import (
    BOUND_POINTS,
    GROUPS,
    METER_BOUND,
    MIXTURES,
    OPENMP_MIXTURES,
    OVERLAPPING,
    SIGMAS,
)
from tests.accuracy.programs import INLINED, OPENMP, POOLS, compiler_missing
from tests.accuracy.recording import compare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.accuracy.mixtures import Mixture
    from tests.accuracy.programs import Build
    from tests.accuracy.recording import Comparison

CASES = [
    *(
        (build, mixture)
        for i, mixture in enumerate(MIXTURES)
        for j, build in enumerate(POOLS)
        if (i + j) % 2 == 0
    ),
    *((build, mixture) for build, mixture in zip(POOLS, OVERLAPPING, strict=False)),
    *((OPENMP, mixture) for mixture in OPENMP_MIXTURES),
    *((INLINED, mixture) for mixture in MIXTURES if mixture.name == "mostly joining"),
]
ON_CPUS = [mixture for mixture in MIXTURES if mixture.name in {"50 % spin", "95 % spin"}]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(compiler_missing() is not None, reason=str(compiler_missing())),
]


@pytest.mark.parametrize(("build", "mixture"), CASES, ids=lambda case: case.name)
def test_shares_are_true(build: Build, mixture: Mixture, build_folder: Path) -> None:
    check(mixture, compare(build, mixture, build_folder))


@pytest.mark.skipif(not watches_cpus("cpu-clock"), reason="perf may not watch CPUs here")
@pytest.mark.parametrize("mixture", ON_CPUS, ids=lambda mixture: mixture.name)
def test_shares_are_true_on_cpus(mixture: Mixture, build_folder: Path) -> None:
    check(mixture, compare(POOLS[0], mixture, build_folder, Scope.CPUS))


def check(mixture: Mixture, found: Comparison) -> None:
    assert mixture.spin[0] <= found.true_shares["spin"] <= mixture.spin[1], (
        "the mixture is not what it should be"
    )
    assert found.error_points * SIGMAS <= BOUND_POINTS, "too few samples to tell"
    assert {group: found.difference_points(group) for group in GROUPS} == pytest.approx(
        dict.fromkeys(GROUPS, 0.0), abs=BOUND_POINTS
    )
    assert found.meter_deviation <= METER_BOUND, f"{found.total_ms} ms, {found.meter}: {found.metered_ms} ms"
