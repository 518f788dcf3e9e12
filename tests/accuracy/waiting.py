"""Records the program whose waits are known (programs/waits.cpp), and analyses what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler import process
from profiler.attribution.cpu.attribute import Attribution, attribute
from profiler.attribution.rules.facts import describe_frames
from profiler.attribution.rules.frames import make_frames
from profiler.attribution.waits.classified import ClassifiedWaits, classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.record import capabilities
from profiler.record.counters import snapshot
from profiler.record.perf import PerfRecorder, record_command
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters
from profiler.run.processes import Process, one_session
from profiler.run.request import Request
from profiler.spec import waits as modes
from profiler.trace import perf_script
from profiler.trace.model import WAIT_EVENTS, Trace
from tests.accuracy.programs import OPTIONS, SOURCES, run_compiler

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from profiler.attribution.rules.chains import Frame
    from profiler.process import Piped

FREQUENCY_HZ = 4000
"""High, because the split of a request's time on the CPU is as sure as its samples are many."""
STACK_BYTES = 2048
REQUESTS = 100


class Section(msgspec.Struct, frozen=True):
    """What the calling thread did between two instants."""

    begin: int
    end: int
    waited_ns: int
    """By its own clocks: in waits, or ready without a CPU."""
    waited: int
    """Voluntary context switches, as the kernel counts them."""
    preempted: int
    """Involuntary ones."""
    wait_calls: int
    """Futex calls of all threads."""
    wake_calls: int


class KnownRequest(msgspec.Struct, frozen=True):
    """One request; `parts` in nanoseconds, by the names of `profiler.attribution.requests.anatomy.Part`."""

    scheduled: int
    start: int
    end: int
    parts: dict[str, int]


class Truth(msgspec.Struct, frozen=True):
    """The program's report."""

    futex: Section
    sleep: Section
    starved: Section
    requests: list[KnownRequest]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The truth, and what the recording says."""

    truth: Truth
    process: Process
    trace: Trace
    frames: list[Frame]
    attribution: Attribution
    counters: PhaseCounters

    @property
    def requests(self) -> list[Request]:
        """The program's requests as ortprof's log holds them."""
        return [Request("profile", r.scheduled, r.start, r.end, 0) for r in self.truth.requests]

    def waits(self, begin_ns: int, end_ns: int, requests: Sequence[Request] = ()) -> ClassifiedWaits:
        """Return the waits of a window."""
        off = off_cpu(self.trace, (begin_ns, end_ns), self.counters.thread_cpu_ns())
        return classify_waits(self.trace, self.frames, off, self.process, requests)


def record_waits(folder: Path) -> Recorded:
    """Compile, run and record the program; `AssertionError` when it misbehaves or records were lost."""
    # Attribution takes what bears this name for ONNX Runtime.
    program = folder / "libonnxruntime_waits"
    run_compiler("g++", *OPTIONS, "-Wl,--build-id=none", "-o", str(program), str(SOURCES / "waits.cpp"))
    settings = PerfSettings(
        capabilities.sampling_event(),
        FREQUENCY_HZ,
        STACK_BYTES,
        capabilities.perf_version(),
        modes.Waits.TRACE,
        list(WAIT_EVENTS),
    )
    recording = folder / "perf.data"
    piped = process.spawn_piped(
        [str(program), str(REQUESTS)], stderr=folder / "program.log", extra_environment={}
    )
    try:
        pid = piped.child.pid
        threads = msgspec.json.decode(piped.stdout.readline().removeprefix(b"ready "))
        command = record_command(settings, [pid], recording, capabilities.buffer_pages())
        with PerfRecorder(command, folder / "perf.log") as perf:
            perf.enable()
            begin = snapshot(pid)
            truth = msgspec.json.decode(_answer(piped), type=Truth)
            end = snapshot(pid)
            perf.disable()
            perf.finish()
    finally:
        process.stop(piped.child)
        piped.stdin.close()
        piped.stdout.close()
    trace = perf_script.decode(recording, payloads=True)
    assert not trace.lost_samples
    counters = PhaseCounters(begin, end)
    frames = make_frames(trace, describe_frames(trace).facts)
    found = one_session(pid, threads["calling_tid"], threads["pool_tids"])
    requests = [Request("profile", r.scheduled, r.start, r.end, 0) for r in truth.requests]
    attribution = attribute(trace, frames, found, counters, requests, user_only=settings.user_only)
    return Recorded(truth, found, trace, frames, attribution, counters)


def _answer(piped: Piped) -> bytes:
    piped.stdin.write(b"\n")
    piped.stdin.flush()
    return piped.stdout.readline()
