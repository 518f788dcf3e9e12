from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from profiler.record.counters import process_cpu_ns, read_thread, snapshot
from profiler.run.phase_counters import PhaseCounters

from .burner import Burner


def test_a_snapshot_agrees_with_the_childs_own_clocks(burner: Burner) -> None:
    said = burner.burn(100, threads=[50, 80], ended=[60])
    seen = snapshot(burner.pid)
    assert set(seen.threads) == {tid for tid, spent in said["threads_ns"].items() if tid in seen.threads}
    assert len(seen.threads) == 3, "the main thread and the two that stay"
    for tid, thread in seen.threads.items():
        assert said["threads_ns"][tid] <= thread.cpu_ns == pytest.approx(said["threads_ns"][tid], rel=0.05)
        assert thread.comm.startswith("python")
    assert said["process_ns"] <= seen.process_cpu_ns == pytest.approx(said["process_ns"], rel=0.03)


def test_the_process_clock_counts_threads_that_ended(burner: Burner) -> None:
    before = snapshot(burner.pid)
    burner.burn(0, ended=[40, 40])
    after = snapshot(burner.pid)
    assert set(after.threads) == set(before.threads) == {burner.pid}
    assert after.threads[burner.pid].cpu_ns - before.threads[burner.pid].cpu_ns < 40_000_000
    assert after.process_cpu_ns - before.process_cpu_ns >= 80_000_000


def test_the_process_clock_is_finer_than_a_tick(burner: Burner) -> None:
    """/proc/PID/stat counts in steps of 10 ms."""
    before = process_cpu_ns(burner.pid)
    said = burner.burn(1)
    after = process_cpu_ns(burner.pid)
    assert before + 1_000_000 <= said["process_ns"] <= after
    assert after - said["process_ns"] < 5_000_000


def test_a_blocked_process_uses_nothing(burner: Burner) -> None:
    assert snapshot(burner.pid).process_cpu_ns == snapshot(burner.pid).process_cpu_ns


def test_every_wait_is_a_voluntary_switch(burner: Burner) -> None:
    before = snapshot(burner.pid).threads[burner.pid]
    for _ in range(20):
        burner.burn(0)
    after = snapshot(burner.pid).threads[burner.pid]
    assert after.voluntary_switches - before.voluntary_switches >= 20


def test_waiting_for_a_cpu_is_counted_as_runnable() -> None:
    """Two processes that share one CPU: while one runs, the other waits."""
    cpu = min(os.sched_getaffinity(0))
    with Burner() as one, Burner() as other:
        for burner in (one, other):
            os.sched_setaffinity(burner.pid, {cpu})
        before = [snapshot(burner.pid).threads[burner.pid] for burner in (one, other)]
        for burner in (one, other):
            burner.start(60)
        for burner in (one, other):
            burner.finish()
        after = [snapshot(burner.pid).threads[burner.pid] for burner in (one, other)]
    waited = sum(new.runnable_ns - old.runnable_ns for old, new in zip(before, after, strict=True))
    preempted = sum(
        new.involuntary_switches - old.involuntary_switches for old, new in zip(before, after, strict=True)
    )
    assert waited > 30_000_000
    assert preempted > 0


@pytest.mark.parametrize(
    ("comm", "shown"),
    [(b"a) (b", "a) (b"), (b"\xff x ", "\N{REPLACEMENT CHARACTER} x "), (b"15 bytes" * 2, "15 bytes15 byte")],
)
def test_any_name_of_a_thread_is_read(comm: bytes, shown: str) -> None:
    task = Path(f"/proc/self/task/{threading.get_native_id()}")
    ours = (task / "comm").read_bytes().rstrip(b"\n")
    (task / "comm").write_bytes(comm)
    try:
        assert read_thread(task).comm == shown
    finally:
        (task / "comm").write_bytes(ours)


def test_a_process_that_is_gone_is_one_error() -> None:
    with Burner() as burner:
        pass
    for read in (process_cpu_ns, snapshot):
        with pytest.raises(ProcessLookupError, match=rf"^no process {burner.pid}$"):
            read(burner.pid)


def test_a_process_that_was_not_waited_for_can_still_be_read(burner: Burner) -> None:
    said = burner.burn(20)
    burner.child.kill()
    os.waitid(os.P_PID, burner.pid, os.WEXITED | os.WNOWAIT)
    assert snapshot(burner.pid).process_cpu_ns >= said["process_ns"]


def test_several_processes_are_read_as_one_and_apart() -> None:
    with Burner() as one, Burner() as other:
        before = snapshot(one.pid, other.pid)
        other.burn(20)
        after = snapshot(one.pid, other.pid)
        assert {one.pid, other.pid} <= set(after.threads)
        assert after.process_cpu_ns == sum(after.cpu_ns_by_process.values())
        phase = PhaseCounters(before, after)
        assert phase.cpu_ns_of(one.pid) < 5_000_000
        assert 20_000_000 <= phase.cpu_ns_of(other.pid) <= phase.cpu_ns
        assert phase.clock_at_end(other.pid) == after.cpu_ns_by_process[other.pid]
        assert snapshot(one.pid).cpu_ns_by_process == {}
    with pytest.raises(ProcessLookupError):
        snapshot(os.getpid(), other.pid)
