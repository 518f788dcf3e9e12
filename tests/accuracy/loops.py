"""Loops of other code than ONNX Runtime's that know their own truth, recorded and judged by instructions.

The programs are stripped, so that no name helps. Their kinds are what matters, not their addresses or sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler import process
from profiler.attribution.cpu.attribute import attribute
from profiler.attribution.rules.facts import describe_frames
from profiler.attribution.rules.frames import make_frames
from profiler.record import capabilities
from profiler.record.counters import snapshot
from profiler.record.perf import PerfRecorder, record_command
from profiler.run.kinds import KINDS, Category
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters
from profiler.run.processes import Pool, PoolRole, Process
from profiler.trace import perf_script
from tests.accuracy.mixtures import FREQUENCY_HZ
from tests.accuracy.programs import run_compiler
from tests.accuracy.recording import STACK_BYTES

if TYPE_CHECKING:
    from profiler.process import Piped

SOURCES = Path(__file__).parent / "programs" / "loops"
BOUND_POINTS = 5.0
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class LoopProgram:
    """A program, and how it is run."""

    source: str
    environment: tuple[tuple[str, str], ...] = ()
    true_spin: tuple[float, float] = (0.0, 0.0)
    """Bounds of the true share, whatever else runs on the machine: else it is not what it should be."""
    counted: bool = False
    """Its threads live until their counters are read, so that samples stand for exact CPU time: what is spent
    in switches is in no sample."""

    @property
    def name(self) -> str:
        """Its name in tables."""
        return " ".join([self.source, *(value for _, value in self.environment)])


PROGRAMS = (
    LoopProgram("lock_in_work"),
    LoopProgram("polite_work"),
    LoopProgram("polite_calls"),
    LoopProgram("polite_pointers"),
    LoopProgram("contended_lock", true_spin=(0.005, 0.6)),
    LoopProgram("pause_pool", true_spin=(0.4, 0.95)),
    LoopProgram("yield_pool", true_spin=(0.4, 0.95)),
    LoopProgram("sleep_poll", true_spin=(0.01, 0.6), counted=True),
    LoopProgram("bare_poll", true_spin=(0.4, 0.95)),
    LoopProgram("asking_pool", true_spin=(0.4, 0.95)),
    LoopProgram("openmp", (("OMP_WAIT_POLICY", "active"),), (0.3, 0.7)),
    LoopProgram("openmp", (("OMP_WAIT_POLICY", "passive"),), (0.0, 0.1)),
    LoopProgram("openmp", true_spin=(0.3, 0.7)),
)


class LoopTruth(msgspec.Struct, frozen=True):
    """What a program says of itself: CPU nanoseconds."""

    spin_ns: int
    work_ns: int


@dataclass(frozen=True, slots=True)
class Held:
    """The share of spin in a program's CPU time, true and found, from 0 to 1."""

    true: float
    found: float
    samples: int

    @property
    def points(self) -> float:
        """How far what was found is from the truth, in percentage points."""
        return 100 * abs(self.found - self.true)


def hold(program: LoopProgram, folder: Path) -> Held:
    """Compile, run, record and attribute; `AssertionError` when the program misbehaves."""
    recording = folder / "perf.data"
    event = capabilities.sampling_event()
    settings = PerfSettings(event, FREQUENCY_HZ, STACK_BYTES, capabilities.perf_version())
    piped = process.spawn_piped(
        [str(compile_loop(program.source, folder)), str(SECONDS)],
        stderr=folder / "program.log",
        extra_environment=dict(program.environment),
    )
    try:
        pid = piped.child.pid
        assert piped.stdout.readline() == b"ready\n"
        command = record_command(settings, [pid], recording, capabilities.buffer_pages())
        with PerfRecorder(command, folder / "perf.log") as perf:
            perf.enable()
            begin = snapshot(pid)
            truth = _run(piped)
            end = snapshot(pid)
            perf.disable()
            perf.finish()
    finally:
        piped.stdin.close()
        process.stop(piped.child)
        piped.stdout.close()
    trace = perf_script.decode(recording)
    assert not trace.lost_samples
    workers = sorted(set(trace.samples.tid.tolist()) - {pid})
    attribution = attribute(
        trace,
        make_frames(trace, describe_frames(trace).facts),
        Process(pid, [pid], [Pool("intra-op", PoolRole.INTRA_OP, workers)]),
        PhaseCounters(begin, end),
        [],
        user_only=settings.user_only,
    )
    is_spin = np.array([kind.category is Category.SPIN for kind in KINDS])
    # By samples: a worker that has ended by now is missing in the counters.
    weights = attribution.cpu_ns if program.counted else None
    return Held(
        truth.spin_ns / (truth.spin_ns + truth.work_ns),
        float(np.average(is_spin[attribution.kind], weights=weights)),
        len(attribution.kind),
    )


def compile_loop(source: str, folder: Path, build_id: str = "none") -> Path:
    """Compile one of the programs into `folder`, stripped; return its path.

    Without a build id nothing is kept of it between runs.
    """
    program = folder / source
    run_compiler(
        "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-fopenmp", "-pthread", f"-Wl,--build-id={build_id}",
        "-o", str(program), str(SOURCES / f"{source}.c"),
    )  # fmt: skip
    run_compiler("strip", str(program))
    return program


def _run(piped: Piped) -> LoopTruth:
    piped.stdin.write(b"\n")
    piped.stdin.flush()
    return msgspec.json.decode(piped.stdout.readline(), type=LoopTruth)
