"""A run's files and recordings, read: the one place of attribution that does."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.cpu.estimated import estimated_counters
from profiler.attribution.loading.decode import Decoded, decode_operators, decode_profile
from profiler.trace import ort_profile_store

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from pathlib import Path

    from profiler.attribution.loading.decode import Check
    from profiler.attribution.loading.printed_run import PrintedRun
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
    check: Check | None = None
    """To be called once, after what may be done meanwhile; None where nothing was decoded just now."""


def load_recorded(
    run: RunDirectory,
    recorded: Recorded,
    printed: PrintedRun | None,
    running: contextlib.ExitStack,
    say: Callable[[str], None],
) -> Loaded:
    """Add to a run's records what was profiled; `printed` where perf is at work on that already.

    For `profiler.attribution.loading.load.begun`; its errors.
    """
    manifest = recorded.manifest
    profile, check = (
        decode_profile(run, recorded, printed, running, say) if recorded.profiled else (None, None)
    )
    if manifest.imported is not None and profile is not None:
        recorded = dataclasses.replace(recorded, counters={"profile": estimated_counters(profile.trace)})
    return Loaded(
        recorded=recorded,
        profile=profile,
        operators=_load_operators(run, recorded, say),
        root=run.root(contained=manifest.keeps_files),
        check=check,
    )


def _load_operators(
    run: RunDirectory, recorded: Recorded, say: Callable[[str], None]
) -> LoadedOperators | None:
    recording = recorded.manifest.operators
    if recording is None or "operators" not in recorded.counters:
        return None
    return LoadedOperators(decode_operators(run, recording, say), ort_profile_store.load(run.operators))
