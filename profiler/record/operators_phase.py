"""ONNX Runtime's own profiler: a session of its own that runs with it, and the file that it leaves.

It is no part of the profile phase, because it disturbs: a request of minilm's 341 nodes costs 1.6 to 2.3
times its CPU time under it (`benchmarks/operators_cost.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler.record.subject.opened import process_of
from profiler.run.doubt import Doubt
from profiler.run.manifest import OperatorRecording, PerfSettings
from profiler.trace import ort_profile_store
from profiler.trace.ort_profile import MAX_EVENTS, OrtProfileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.record.subject.workload_process import WorkloadProcess
    from profiler.run.directory import RunDirectory

MOST_REQUESTS = 400
"""The profiler keeps an event in some 3 kB of the workload's memory, and writes 1 kB at the end: with a few
hundred nodes these are 400 MB, and enough requests for the shares of operators."""
PREFIX = "ort-profile"
"""Of the file that it writes, in the run directory."""


class OperatorSession:
    """A workload's session with ONNX Runtime's profiler on, in place of the one that it had."""

    def __init__(
        self,
        workload: WorkloadProcess,
        pid: int,
        opening: dict[str, Any],
        models: Sequence[str],
        run: RunDirectory,
    ) -> None:
        self._workload = workload
        self._run = run
        self._process = process_of(pid, workload.open(opening, lambda: None), models)

    def finish(self, perf: PerfSettings) -> tuple[OperatorRecording | None, list[Doubt]]:
        """Keep what the profiler wrote as operators.npz; return what describes it, and what is missing."""
        ended = self._workload.end_profiling()
        text = Path(ended.path)
        try:
            profile = ort_profile_store.read_text(text)
            ort_profile_store.save(self._run.operators, profile)
        except OrtProfileError as error:
            return None, [Doubt("operators", error.message)]
        finally:
            text.unlink(missing_ok=True)
        doubts = []
        if profile.unread:
            why = (
                f"{profile.unread} lines of ONNX Runtime's profile are no JSON: it did not escape their names"
            )
            doubts.append(Doubt("some operators", why, "a newer ONNX Runtime does"))
        if len(profile.node) + len(profile.run_start_ns) >= MAX_EVENTS:
            why = f"ONNX Runtime's profiler stops after {MAX_EVENTS:,} events"
            doubts.append(Doubt("operators of the last requests", why, "a shorter --profile"))
        recording = OperatorRecording(
            process=self._process,
            perf=perf,
            start_ns=ended.start_ns,
            realtime_ns=ended.realtime_ns,
            monotonic_ns=ended.monotonic_ns,
        )
        return recording, doubts
