"""Everything that a run's report is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.attribution.rules.facts import ROOT
from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.cpu.hot_functions import Functions
    from profiler.attribution.operators.operator_profile import OperatorProfile
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.decoding import Decoding
    from profiler.run.manifest import Manifest
    from profiler.run.records import Recorded
    from profiler.run.request import Request
    from profiler.run.summary import Summary
    from profiler.run.throttling import Throttling
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Profile:
    """What the profile phase gave."""

    trace: Trace
    facts: FrameFacts
    """What the libraries' code says about each frame of the trace."""
    frame_names: list[tuple[str, str]]
    """(function, library) of each frame of the trace, as tables and flame graphs show it."""
    attribution: Attribution
    functions: Functions
    off_cpu: OffCpuProfile | None = None
    """None when context switches were not recorded."""
    throttling: Throttling | None = None
    """What a CPU limit did; None without one."""
    root: Path = ROOT
    """The folder below which the profiled files are, as far as this machine has them."""
    build_ids: Mapping[str, str] = field(default_factory=dict)
    """Library to build id in hexadecimal, of files that were read when the recording was decoded."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A run's records, its figures, and what these were made from."""

    recorded: Recorded
    summary: Summary
    profile: Profile | None
    """None when there is no usable recording; the summary says why."""
    operators: OperatorProfile | None = None
    """None without a recording with ONNX Runtime's own profiler; the summary says why."""
    decoding: Decoding | None = None
    """How the profile phase's recording was decoded; None without one."""

    @property
    def required_profile(self) -> Profile:
        """What the profile phase gave; `UsageError` where there is none."""
        if self.profile is None:
            raise UsageError(
                f"{self.manifest.run_id} has no profile", hint="record it with --profile above 0"
            )
        return self.profile

    @property
    def manifest(self) -> Manifest:
        """run.json."""
        return self.recorded.manifest

    @property
    def commands(self) -> dict[str, list[str]]:
        """Command lines by tool: of the recording, then of its decoding."""
        return {**self.manifest.commands, **(self.decoding.commands if self.decoding is not None else {})}

    @property
    def requests(self) -> list[Request]:
        """requests.jsonl."""
        return self.recorded.requests
