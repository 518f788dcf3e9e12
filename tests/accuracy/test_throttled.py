"""A busy program under a limit: how long it stood still, against what the kernel counted.

Within 5 % on a quiet machine; the bound leaves room for one where readings of cpu.stat come late.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from profiler import process
from profiler.attribution.waits.classified import classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.attribution.waits.standstill import sharpen
from profiler.errors import MachineError
from profiler.record import capabilities
from profiler.record.counters import snapshot
from profiler.record.limit import hierarchy
from profiler.record.limit.confinement import Confinement, confine
from profiler.record.perf import PerfRecorder, record_command
from profiler.run.kinds import WAITS, Wait
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters
from profiler.run.processes import one_session
from profiler.spec.limit import Limit
from profiler.trace import perf_script
from tests.e2e.test_limits import prefer

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.trace.model import Trace

pytestmark = pytest.mark.e2e

LIMIT = Limit(cpus=0.2)
PROGRAM = """
import os, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the kernel sums over CPUs
print(flush=True)
sys.stdin.readline()
end = time.monotonic() + 2
while time.monotonic() < end:
    pass
print(flush=True)
sys.stdin.readline()
"""


def recorded(confinement: Confinement, folder: Path) -> tuple[Trace, PhaseCounters, int]:
    """Record the program; return its process id last."""
    settings = PerfSettings(capabilities.sampling_event(), 997, 2048, capabilities.perf_version())
    command = [*confinement.prefix, sys.executable, "-c", PROGRAM]
    piped = process.spawn_piped(command, stderr=folder / "program.log", extra_environment={})
    try:
        pid = piped.child.pid
        piped.stdout.readline()
        prefer(hierarchy.find(pid=pid).own)  # where it gets little CPU, no quota is used up
        perf_command = record_command(settings, [pid], folder / "perf.data", capabilities.buffer_pages())
        with PerfRecorder(perf_command, folder / "perf.log") as perf:
            perf.enable()
            with confinement.sampling(pid) as throttled:
                begin = snapshot(pid)
                piped.stdin.write(b"\n")
                piped.stdin.flush()
                piped.stdout.readline()
                end = snapshot(pid)
            perf.disable()
            perf.finish()
    finally:
        process.stop(piped.child)
        piped.stdin.close()
        piped.stdout.close()
    return perf_script.decode(folder / "perf.data"), PhaseCounters(begin, end, throttled.result), pid


def test_throttled_time_is_what_the_kernel_counted(tmp_path: Path) -> None:
    try:
        with confine(LIMIT) as confinement:
            if confinement.scope:
                pytest.skip("limits are systemd's here")
            trace, counters, pid = recorded(confinement, tmp_path)
    except MachineError as error:
        pytest.skip(error.message)
    throttling = counters.throttling
    assert throttling is not None
    window = counters.begin.time_ns, counters.end.time_ns
    off = off_cpu(trace, window, counters.thread_cpu_ns())
    stretches = sharpen(throttling.stretches, off, window)
    waits = classify_waits(trace, [], off, one_session(pid, pid, []), [], stretches=stretches)
    spent = dict.fromkeys(Wait, 0)
    for kinds, busy, idle in waits.parts([]):
        for kind, time_ns in zip(kinds.tolist(), (busy + idle).tolist(), strict=True):
            spent[WAITS[kind]] += time_ns
    assert throttling.counted.throttled_ns > 0
    assert spent[Wait.THROTTLED] == pytest.approx(throttling.counted.throttled_ns, rel=0.1), spent
    # It never waits by itself: the rest is other programs' doing, and little beside it.
    without_cpu = window[1] - window[0] - counters.cpu_ns
    assert spent[Wait.THROTTLED] + spent[Wait.RUNNABLE] == pytest.approx(without_cpu, rel=0.1), spent
