from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.record.limit import hierarchy, usable_cpus
from profiler.record.limit.usable_cpus import default_pool_threads
from tests.record.limit.trees import SLICE, V1_SEPARATE, V2_SYSTEMD, plant

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def pinned(cpus: set[int]) -> Iterator[int]:
    """Run a thread of ours on these CPUs alone, blocked; its id is that of an ended one after the block."""
    ready, over = threading.Event(), threading.Event()

    def stay() -> None:
        os.sched_setaffinity(0, cpus)
        ready.set()
        over.wait()

    thread = threading.Thread(target=stay)
    thread.start()
    ready.wait()
    tid = thread.native_id
    assert tid is not None
    try:
        yield tid
    finally:
        over.set()
        thread.join()
        # join() returns a moment before the kernel's thread is gone.
        while Path(f"/proc/self/task/{tid}").exists():
            pass


def test_the_tightest_quota_on_the_way_up_counts(tmp_path: Path) -> None:
    root = plant(tmp_path, V2_SYSTEMD)
    assert usable_cpus.quota(hierarchy.find(root)) is None
    plant(root, {f"{SLICE}/cpu.max": "150000 100000\n", "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n"})
    assert usable_cpus.quota(hierarchy.find(root)) == 1.5


@pytest.mark.parametrize(("quota", "found"), [("-1\n", None), ("10000\n", 0.1)])
def test_a_quota_of_version_1(tmp_path: Path, quota: str, found: float | None) -> None:
    own = "sys/fs/cgroup/cpu"
    files = {f"{own}/cpu.cfs_quota_us": quota, f"{own}/cpu.cfs_period_us": "100000\n"}
    assert usable_cpus.quota(hierarchy.find(plant(tmp_path, {**V1_SEPARATE, **files}))) == found


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="takes two CPUs")
def test_threads_outside_the_mask_have_escaped() -> None:
    allowed = os.sched_getaffinity(0)
    first, other, *_ = allowed
    with pinned({first}) as inside, pinned({other}) as outside:
        with pinned({first}) as ended:
            pass
        os.sched_setaffinity(os.getpid(), {first})
        try:
            found = usable_cpus.describe(os.getpid(), [inside, outside, ended])
        finally:
            os.sched_setaffinity(os.getpid(), allowed)
    assert found.escaped == [outside]
    assert found.threads == 4
    assert found.allowed == [first]


def test_a_process_that_is_gone_has_no_cpus() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    with pytest.raises(ProcessLookupError):
        usable_cpus.describe(child.pid, [])


def test_a_default_pool_has_a_thread_for_each_physical_core() -> None:
    listed = subprocess.run(["lscpu", "--parse=SOCKET,CORE"], capture_output=True, text=True, check=True)
    cores = {line for line in listed.stdout.splitlines() if not line.startswith("#")}
    assert default_pool_threads() == len(cores)
