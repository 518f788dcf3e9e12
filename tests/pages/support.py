"""Made-up analyses, through the real attribution: what a page shows depends on nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.attribution.assemble import assemble
from profiler.attribution.loading.decode import Decoded
from profiler.attribution.loading.loaded import Loaded
from profiler.attribution.rules.facts import ROOT, empty_facts
from profiler.run.decoding import CrossCheck, Decoding
from profiler.run.doubt import Doubt
from profiler.run.manifest import Host, Manifest, OrtBuild, PerfSettings, Phase
from profiler.run.phase_counters import PhaseCounters, Snapshot, ThreadCounters
from profiler.run.processes import one_session
from profiler.run.records import Recorded
from profiler.run.request import Request
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.waits import Waits
from profiler.spec.workload import Workload
from profiler.trace.model import Frames, Samples, Stacks, Switches, Trace

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis

CALLING, POOL = 100, (101, 102)
MS = 1_000_000
SECOND = 1_000 * MS
STARTS = {"measure": 10 * SECOND, "profile": 100 * SECOND}
RUNTIME = "/opt/ort/capi/onnxruntime_pybind11_state.so"
LIBC = "/lib/libc.so.6"
POOL_CLASS = "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>"
LOOP = (f"{POOL_CLASS}::WorkerLoop(int)", RUNTIME)
PAUSE = ("onnxruntime::concurrency::SpinPause()", RUNTIME)
TASK = ("std::_Function_handler<void ()>::_M_invoke(std::_Any_data const&)", RUNTIME)
KERNEL = ("MlasSgemmKernel", RUNTIME)
RUN = ("onnxruntime::InferenceSession::Run()", RUNTIME)
THREAD = ("clone3", LIBC)
BLOCK = (f"{POOL_CLASS}::WorkerData::SetBlocked()", RUNTIME)
WAIT = ("pthread_cond_wait", LIBC)

SPINNING = (THREAD, LOOP, PAUSE)
WORKING = (THREAD, LOOP, TASK, KERNEL)
BLOCKING = (THREAD, LOOP, BLOCK, WAIT)
CALLING_WORK = (RUN, KERNEL)
"""Call chains, the thread's start first; each frame is (symbol, library)."""

Chain = tuple[tuple[str, str], ...]

CROSS_CHECK = CrossCheck(7, 0.01, "f", "g")


@dataclass(frozen=True)
class Sample:
    """One sample: when in the profile phase (milliseconds), of which thread, where."""

    ms: float
    tid: int
    chain: Chain


@dataclass
class Made:
    """What to make an analysis of. Phases last 10 s each, profile from 100 s on."""

    samples: list[Sample] = field(default_factory=list)
    requests: list[tuple[float, float]] = field(default_factory=list)
    """(start, end) in milliseconds of both phases."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Changes to the manifest."""
    phases: tuple[str, ...] = ("measure", "profile")
    comms: dict[int, str] = field(default_factory=dict)
    lost: int = 0
    cross_check: CrossCheck | None = CROSS_CHECK
    addresses: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of frames whose address matters, as perf prints it."""

    def analysis(self) -> Analysis:
        manifest = self._manifest()
        requests = [
            Request(
                phase,
                int(STARTS[phase] + a * MS),
                int(STARTS[phase] + a * MS),
                int(STARTS[phase] + b * MS),
                0,
            )
            for phase in self.phases
            for a, b in self.requests
        ]
        counters = {phase: self._counters(STARTS[phase]) for phase in self.phases}
        decoded = None
        if "profile" in self.phases:
            trace = self._trace(STARTS["profile"])
            facts = empty_facts(len(trace.frames.address))
            decoded = Decoded(trace, facts, Decoding(cross_check=self.cross_check))
        return assemble(Loaded(Recorded(manifest, counters, requests), decoded, None, ROOT))

    def _manifest(self) -> Manifest:
        known: dict[str, Any] = {
            "run_id": "20260101T000000Z-bert-spin-on",
            "complete": True,
            "created": "2026-01-01T00:00:00Z",
            "configuration": SessionConfiguration(
                name="spin-on",
                meaning="The default.",
                trades="Latency for CPU.",
                threads=3,
                entries={"session.intra_op.allow_spinning": "1"},
            ),
            "workload": Workload(model="bert", model_path="bert.onnx", weights="synthetic"),
            "ort": OrtBuild("1.31.1", RUNTIME, "none", "3.11.2"),
            "host": Host("A processor", 2, 8 << 30, "6.1.0", "Debian GNU/Linux 12"),
            "perf": PerfSettings("cpu-clock", 1000, 8192, "6.1", Waits.OFF)
            if "profile" in self.phases
            else None,
            "process": one_session(CALLING, CALLING, list(POOL)),
            "phases": [Phase(name, STARTS[name], STARTS[name] + 10 * SECOND) for name in self.phases],
            "commands": {"perf record": ["perf", "record", "-o", "./perf data"]},
            "ortprof": "0.1.0",
            "unavailable": [Doubt("context switches", "no permission", "run as root")],
        }
        return Manifest(**{**known, **self.changes})

    def _counters(self, start: int) -> PhaseCounters:
        def snapshot(time_ns: int, cpu: int) -> Snapshot:
            threads = {
                tid: ThreadCounters("python", cpu * sum(s.tid == tid for s in self.samples) * MS, 0, 0, 0)
                for tid in (CALLING, *POOL)
            }
            return Snapshot(time_ns, cpu * len(self.samples) * MS, threads)

        return PhaseCounters(snapshot(start, 0), snapshot(start + 10 * SECOND, 1))

    def _trace(self, start: int) -> Trace:
        strings: dict[str, int] = {}
        frames: dict[tuple[str, str], int] = {}
        chains: dict[Chain, int] = {}
        for sample in self.samples:
            for frame in sample.chain:
                frames.setdefault(frame, len(frames))
                for text in frame:
                    strings.setdefault(text, len(strings))
            if sample.chain:
                chains.setdefault(sample.chain, len(chains))
        count = len(self.samples)
        return Trace(
            events=("cpu-clock",),
            samples=Samples(
                time_ns=np.array([start + sample.ms * MS for sample in self.samples], np.int64),
                tid=np.array([sample.tid for sample in self.samples], np.int32),
                cpu=np.zeros(count, np.int32),
                event=np.zeros(count, np.int32),
                weight=np.full(count, MS, np.int64),
                stack=np.array([chains.get(sample.chain, -1) for sample in self.samples], np.int32),
            ),
            stacks=Stacks(
                np.cumsum([0, *(len(chain) for chain in chains)], dtype=np.int64),
                np.array([frames[frame] for chain in chains for frame in reversed(chain)], np.int32),
            ),
            frames=Frames(
                np.array([self.addresses.get(one, 64 * i) for i, one in enumerate(frames)], np.uint64),
                np.array([strings[symbol] if symbol else -1 for symbol, _ in frames], np.int32),
                np.array([strings[library] for _, library in frames], np.int32),
            ),
            strings=tuple(strings),
            switches=Switches(
                np.array([], np.int64),
                np.array([], np.int32),
                np.array([], np.int32),
                np.array([], np.bool_),
                np.array([], np.bool_),
            ),
            comms=self.comms,
            lost_samples=self.lost,
        )


def spinning(requests: int = 5, tail_ms: int = 30) -> Made:
    """Make a run that spins: each request of 4 ms is followed by a tail on both pool threads."""
    made = Made(requests=[(1000.0 * i + 100, 1000.0 * i + 104) for i in range(requests)])
    for begin, end in made.requests:
        for ms in range(int(begin), int(end)):
            made.samples += [Sample(ms + 0.5, CALLING, CALLING_WORK)]
            made.samples += [Sample(ms + 0.5, tid, WORKING) for tid in POOL]
        for ms in range(int(end), int(end) + tail_ms):
            made.samples += [Sample(ms + 0.5, tid, SPINNING) for tid in POOL]
    return made
