"""What `ortprof record` wrote down of a run beside the trace: run.json, counters.json, requests.jsonl."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.run.fed import Fed, read_inputs
from profiler.run.json_document import not_ours, read
from profiler.run.manifest import Manifest, read_manifest
from profiler.run.phase_counters import PhaseCounters
from profiler.run.request import Request, decode_requests

if TYPE_CHECKING:
    from profiler.run.directory import RunDirectory


@dataclass(frozen=True, slots=True)
class Recorded:
    """One run's records."""

    manifest: Manifest
    counters: dict[str, PhaseCounters]
    """By phase."""
    requests: list[Request]
    fed: list[Fed] = field(default_factory=list)
    """What each session was fed with (inputs.json); empty in runs of versions that did not note it."""

    @property
    def profiled(self) -> bool:
        """Whether there is a recording of the profile phase."""
        there = "profile" in self.counters or self.manifest.imported is not None
        return self.manifest.perf is not None and there

    def requests_of(self, phase: str) -> list[Request]:
        """Return the requests of one phase, in the order of their starts."""
        return sorted(
            (request for request in self.requests if request.phase == phase),
            key=lambda request: request.start_ns,
        )


def read_recorded(run: RunDirectory) -> Recorded:
    """Read a run's records; `UsageError` when a file is missing or is not what ortprof writes."""
    manifest = read_manifest(run.manifest)
    requests = files.content(run.requests)
    if manifest.complete and requests and not requests.endswith(b"\n"):
        raise UsageError(f"{run.requests} is cut off: its run was complete, its last line is not")
    recorded = Recorded(
        manifest=manifest,
        counters=read(run.counters, dict[str, PhaseCounters]),
        requests=decode_requests(requests, str(run.requests)),
        fed=read_inputs(run.inputs),
    )
    there = Counter(request.phase for request in recorded.requests)
    for phase in manifest.phases:
        if phase.requests not in (None, there[phase.name]):
            raise UsageError(
                f"{run.requests} has {there[phase.name]} requests of the {phase.name} phase, not the "
                f"{phase.requests} that were written"
            )
    for name, counters in recorded.counters.items():
        if wrong := counters.contradiction:
            raise not_ours(run.counters, f"`$.{name}`: {wrong}")
    return recorded
