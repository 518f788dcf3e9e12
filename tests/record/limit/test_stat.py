"""cpu.stat as kernels wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.record.limit.stat import CpuStatFile, parse_cpu_stat
from profiler.run.throttling import CpuStat

if TYPE_CHECKING:
    from pathlib import Path

V1_OLD = b"nr_periods 31\nnr_throttled 30\nthrottled_time 2645110153\n"
V1 = V1_OLD + b"nr_bursts 2\nburst_time 1500000\n"
V2 = b"""\
usage_usec 5372894
user_usec 4981210
system_usec 391684
nice_usec 0
core_sched.force_idle_usec 0
nr_periods 502
nr_throttled 411
throttled_usec 36120544
nr_bursts 3
burst_usec 7200
"""
V2_ROOT = b"usage_usec 5372894\nuser_usec 4981210\nsystem_usec 391684\n"


@pytest.mark.parametrize(
    ("content", "stat"),
    [
        (V1_OLD, CpuStat(31, 30, 2_645_110_153)),
        (V1, CpuStat(31, 30, 2_645_110_153, 2, 1_500_000)),
        (V2, CpuStat(502, 411, 36_120_544_000, 3, 7_200_000)),
        (V2_ROOT, CpuStat(0, 0, 0)),
    ],
)
def test_both_versions_give_the_same_units(content: bytes, stat: CpuStat) -> None:
    assert parse_cpu_stat(content) == stat


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "cpu.stat"
    path.write_bytes(V1)
    with CpuStatFile(tmp_path) as file:
        before = file.read()
        path.write_bytes(V1.replace(b"nr_periods 31", b"nr_periods 41"))
        assert file.read().since(before) == CpuStat(10, 0, 0)
