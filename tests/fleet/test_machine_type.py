"""Machines that should give the same figures have one name, others another."""

from __future__ import annotations

import msgspec
import pytest

from profiler.fleet.machine_type import MachineType

PLAIN = MachineType("Some(R) CPU @ 2 GHz", 2, "6.1", 2)


@pytest.mark.parametrize("change", [{"cpus": 4}, {"kernel": "6.2"}, {"cgroup": 1}, {"quota": 0.5}])
def test_whatever_decides_about_figures_is_a_type_of_its_own(change: dict[str, object]) -> None:
    other = msgspec.structs.replace(PLAIN, **change)
    assert (other.name == PLAIN.name, other.mark == PLAIN.mark) == (False, False)


def test_names_are_those_that_stores_have_already() -> None:
    assert PLAIN.name == "Some-2cpu-099ee0"
    assert PLAIN.words == "Some, 2 CPUs, Linux 6.1, cgroup v2"


def test_a_quota_is_named() -> None:
    limited = msgspec.structs.replace(PLAIN, quota=1.5)
    assert limited.name.startswith("Some-2cpu-quota1.5-")
    assert limited.words == "Some, 2 CPUs, quota 1.5, Linux 6.1, cgroup v2"
    assert limited.is_called("quota")
