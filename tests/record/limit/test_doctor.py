from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record import examination
from profiler.record.limit import hierarchy, usable_cpus
from profiler.run.cpu_budget import Cpus

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.mark.parametrize(
    ("threads", "allowed", "quota", "fits"),
    [
        (2, [0, 1], None, True),
        (2, [0], None, False),
        (4, [0, 1, 2, 3], 0.5, False),
        (2, [0, 1], 1.5, True),
        (1, [0, 1], 0.1, True),
    ],
)
def test_a_default_pool_is_held_against_the_cpus(
    monkeypatch: pytest.MonkeyPatch, threads: int, allowed: list[int], quota: float | None, fits: bool
) -> None:
    def describe(_pid: int, _tids: Iterable[int]) -> Cpus:
        return Cpus(allowed=allowed, quota=quota, threads=1)

    monkeypatch.setattr(usable_cpus, "describe", describe)
    monkeypatch.setattr(usable_cpus, "default_pool_threads", lambda: threads)
    finding = examination._cpus()
    assert finding.available is fits
    assert not finding.required
    assert ("--threads" in finding.remedy) is not fits
    assert ("quota" in finding.detail) is (quota is not None)


def test_where_no_limit_can_be_set_the_reason_is_the_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def find() -> None:
        raise MachineError("no cgroup hierarchy", hint="mount one")

    monkeypatch.setattr(hierarchy, "find", find)
    monkeypatch.setenv("PATH", "/nonexistent")
    finding = examination._cgroup()
    assert not finding.available
    assert finding.detail == "no cgroup hierarchy; there is no systemd-run"
    assert finding.remedy == "mount one"
