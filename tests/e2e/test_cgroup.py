"""Limits on this machine's own cgroups, without perf and ONNX Runtime.

scripts/cgroup2.sh runs this in version 2, on machines that mount version 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record.counters import process_cpu_ns
from profiler.record.limit import hierarchy, usable_cpus
from profiler.record.limit.confinement import Confinement, confine
from profiler.record.limit.sampler import ThrottlingSampler
from profiler.record.limit.stat import CpuStatFile
from profiler.spec.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = Limit(cpus=0.2, period_us=50_000, burst_us=5_000)
BURN = "import sys, time\nprint(flush=True)\nwhile True: pass"
WAIT = "import sys\nprint(flush=True)\nsys.stdin.read()"


@pytest.fixture
def confinement() -> Iterator[Confinement]:
    try:
        with confine(LIMIT) as confined:
            if confined.scope:
                pytest.skip("limits are systemd's here")
            yield confined
    except MachineError as error:
        pytest.skip(error.message)


def start(confinement: Confinement, code: str) -> subprocess.Popen[bytes]:
    """Start Python code under a limit; return once it runs."""
    child = subprocess.Popen(
        [*confinement.prefix, sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


def end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()


def test_a_process_starts_inside_and_keeps_its_id(confinement: Confinement) -> None:
    child = start(confinement, WAIT)
    place = hierarchy.find(pid=child.pid)
    assert place.own.name.startswith(f"ortprof-{os.getpid()}-")
    assert (place.own / "cgroup.procs").read_text().split() == [str(child.pid)]
    assert hierarchy.find().own != place.own
    assert usable_cpus.quota(place) == 0.2
    confinement.check(child.pid)
    end(child)


def test_a_busy_process_is_throttled_and_seen_to_be(confinement: Confinement) -> None:
    child = start(confinement, BURN)
    own = hierarchy.find(pid=child.pid).own
    with ThrottlingSampler(own, [child.pid], LIMIT.period_us) as sampler, CpuStatFile(own) as file:
        began, cpu, before = time.monotonic_ns(), process_cpu_ns(child.pid), file.read()
        while file.read().since(before).periods < 20:
            pass
        wall_ns, cpu_ns = time.monotonic_ns() - began, process_cpu_ns(child.pid) - cpu
    end(child)
    throttling = sampler.result
    assert throttling is not None
    # All twenty, but for those in which other programs had the CPU and the quota was not used up.
    assert throttling.counted.throttled_periods > 6
    assert cpu_ns / wall_ns < 0.3
    stopped = sum(stop - start for start, stop in throttling.stretches)
    assert stopped == pytest.approx(throttling.counted.throttled_ns, rel=0.3)
    assert stopped < 1.1 * (wall_ns - cpu_ns)
    assert sum(period.throttled for period in throttling.periods) > 5


def test_leaving_ends_what_still_runs_and_removes_the_cgroup() -> None:
    try:
        with confine(LIMIT) as confined:
            if confined.scope:
                pytest.skip("limits are systemd's here")
            child = start(confined, BURN)
            own = hierarchy.find(pid=child.pid).own
    except MachineError as error:
        pytest.skip(error.message)
    assert not own.exists()
    assert child.wait() < 0
    end(child)


def test_an_exception_removes_the_cgroup() -> None:
    folder: Path | None = None

    def fail() -> None:
        nonlocal folder
        with confine(LIMIT) as confined:
            if confined.scope:
                pytest.skip("limits are systemd's here")
            folder = Path(confined.prefix[-1]).parent
            assert folder.exists()
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            fail()
    except MachineError as error:
        pytest.skip(error.message)
    assert folder is not None
    assert not folder.exists()


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(confinement: Confinement) -> None:
    mine = Path(confinement.prefix[-1]).parent
    dead = mine.with_name(f"ortprof-{2**22 + 1}-1")
    dead.mkdir()
    with confine(None):
        pass
    assert not dead.exists()
    assert mine.exists()


def test_a_limit_that_was_lost_is_noticed(confinement: Confinement) -> None:
    child = start(confinement, WAIT)
    other = Confinement(Limit(cpus=0.1))
    with pytest.raises(MachineError, match="does not have the limit"):
        other.check(child.pid)
    end(child)
