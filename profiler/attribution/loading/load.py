"""A run directory in, all that its analysis is made of out: the one place of attribution that reads files."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.cpu.estimated import estimated_counters
from profiler.attribution.loading.decode import Decoded, decode_operators, decode_profile
from profiler.run.records import read_recorded
from profiler.trace import ort_profile_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.run.directory import RunDirectory
    from profiler.run.records import Recorded
    from profiler.trace.ort_profile import OrtProfile


@dataclass(frozen=True, slots=True)
class LoadedOperators:
    """What was recorded while ONNX Runtime's own profiler was on."""

    recording: Decoded
    profile: OrtProfile


@dataclass(frozen=True, slots=True)
class Loaded:
    """What `profiler.attribution.assemble` works on."""

    recorded: Recorded
    profile: Decoded | None
    """None where nothing was profiled."""
    operators: LoadedOperators | None
    """None where ONNX Runtime's own profiler recorded nothing."""
    root: Path
    """The folder below which the profiled files are, as far as this machine has them."""


def load(run: RunDirectory, say: Callable[[str], None]) -> Loaded:
    """Read a run; recordings that were not decoded yet are decoded into traces, which are kept.

    Where they were, nothing is written, and neither perf nor the profiled libraries are needed.
    `UsageError` and `TraceFileError` when the directory's files are not what ortprof writes; `MachineError`
    when perf fails.
    """
    recorded = read_recorded(run)
    manifest = recorded.manifest
    profile = _load_profile(run, recorded, say)
    if manifest.imported is not None and profile is not None:
        recorded = dataclasses.replace(recorded, counters={"profile": estimated_counters(profile.trace)})
    return Loaded(
        recorded=recorded,
        profile=profile,
        operators=_load_operators(run, recorded, say),
        root=run.root(contained=manifest.keeps_files),
    )


def _load_profile(run: RunDirectory, recorded: Recorded, say: Callable[[str], None]) -> Decoded | None:
    if not recorded.profiled:
        return None
    phase = recorded.counters.get("profile")
    span_ns = None if phase is None else (phase.begin.time_ns, phase.end.time_ns)
    return decode_profile(run, recorded.manifest, span_ns, say)


def _load_operators(
    run: RunDirectory, recorded: Recorded, say: Callable[[str], None]
) -> LoadedOperators | None:
    recording = recorded.manifest.operators
    if recording is None or "operators" not in recorded.counters:
        return None
    return LoadedOperators(decode_operators(run, recording, say), ort_profile_store.load(run.operators))
