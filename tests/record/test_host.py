from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record import host
from profiler.record.limit.confinement import confine
from profiler.spec.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def one_cpu() -> Iterator[None]:
    """Restrict this process to one CPU."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    yield
    os.sched_setaffinity(0, allowed)


def test_it_describes_this_machine() -> None:
    seen = host.describe()
    total = re.search(r"^MemTotal:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert total is not None
    assert seen.memory_bytes == int(total[1]) * 1024
    assert seen.kernel == os.uname().release
    assert seen.cpus == len(os.sched_getaffinity(0))
    assert seen.cpu in Path("/proc/cpuinfo").read_text() or seen.cpu == platform.machine()
    assert seen.system


@pytest.mark.usefixtures("one_cpu")
def test_only_the_cpus_that_may_be_used_count() -> None:
    assert host.describe().cpus == 1


def test_a_quota_that_it_runs_under_is_the_machines() -> None:
    code = "from profiler.record import host; print(host.describe().quota)"
    try:
        with confine(Limit(cpus=0.5)) as confinement:
            command = [*confinement.prefix, sys.executable, "-c", code]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except MachineError as error:
        pytest.skip(error.message)
    assert float(said) == 0.5


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("processor\t: 0\nmodel name\t: Some CPU @ 2.50GHz \nflags\t\t: fpu\n", "Some CPU @ 2.50GHz"),
        ("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", platform.machine()),
    ],
    ids=["x86", "arm64"],
)
def test_the_processors_name(cpuinfo: str, name: str) -> None:
    assert host._cpu_model(cpuinfo) == name
