"""Samples of a program that burns, by the kernel itself."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record.capabilities import kernel_visible
from profiler.record.light.sampler import Sampler, allowed_on_cpus
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.record.light.ring import Sample

HZ = 997


@pytest.fixture
def burning() -> Iterator[int]:
    """A thread of this process that keeps a CPU busy; its id."""
    stop, known, tid = threading.Event(), threading.Event(), 0

    def burn() -> None:
        nonlocal tid
        tid = threading.get_native_id()
        known.set()
        while not stop.is_set():
            sum(range(1000))

    thread = threading.Thread(target=burn)
    thread.start()
    known.wait()
    yield tid
    stop.set()
    thread.join()


@pytest.mark.parametrize("scope", [Scope.CPUS, Scope.PROCESS])
def test_a_thread_that_burns_is_sampled(scope: Scope, burning: int) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    if scope is Scope.CPUS and not allowed_on_cpus(cpus[0], kernel=kernel_visible()):
        pytest.skip("whole CPUs may not be watched here")
    mine = [os.getpid()]
    with Sampler(HZ, scope, cpus, kernel=kernel_visible()) as sampler:
        found: list[Sample] = []
        while len([sample for sample in found if sample.tid == burning]) < 20:
            found += sampler.read(mine)
        assert sampler.lost == 0
    assert {sample.pid for sample in found} == {os.getpid()}
    times = [sample.time_ns for sample in found if sample.tid == burning]
    assert times == sorted(times)


def test_a_cpu_that_is_not_there() -> None:
    with pytest.raises(MachineError, match="no sampling clock"):
        Sampler(HZ, Scope.CPUS, [1 << 20], kernel=False)


def test_threads_that_are_gone_are_forgotten() -> None:
    with Sampler(HZ, Scope.PROCESS, [], kernel=False) as sampler:
        assert sampler.read([1 << 30]) == []
