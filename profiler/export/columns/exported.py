"""A run as every format is fed with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.export.columns.chains import chains_of
from profiler.export.columns.names import clean
from profiler.export.columns.samples import samples_of
from profiler.export.columns.threads import threads_of
from profiler.export.columns.waits import waits_of

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis, Profile
    from profiler.export.columns.chains import Chains
    from profiler.export.columns.samples import Samples
    from profiler.export.columns.threads import Thread
    from profiler.export.columns.waits import Waits
    from profiler.run.manifest import Manifest
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """One run's profile phase: columns, and the tables that they point into."""

    manifest: Manifest
    profile: Profile
    """For what only some formats can say: frames with addresses and source lines, the requests' anatomy."""
    chains: Chains
    threads: tuple[Thread, ...]
    requests: tuple[Request, ...]
    """The phase's, in order of their starts."""
    samples: Samples
    waits: Waits | None
    """None where context switches were not recorded."""
    begin_ns: int
    """Of the phase; CLOCK_MONOTONIC, as all times."""
    end_ns: int

    @property
    def title(self) -> str:
        """What a viewer shows of it."""
        run_id, label = self.manifest.run_id, self.manifest.title
        return clean(run_id if label == run_id else f"{label} ({run_id})")


def exported(analysis: Analysis) -> ExportedRun:
    """Return an analysed run's columns; `UsageError` where it has no profile."""
    profile, manifest = analysis.required_profile, analysis.manifest
    process, counters = manifest.process, analysis.recorded.counters["profile"]
    requests = analysis.recorded.requests_of("profile")
    threads = threads_of(profile, process)
    end_ns = counters.end.time_ns
    off = profile.off_cpu
    return ExportedRun(
        manifest=manifest,
        profile=profile,
        chains=chains_of(profile.trace, profile.frame_names),
        threads=threads,
        requests=tuple(requests),
        samples=samples_of(profile.attribution, threads, process, requests, end_ns),
        waits=None if off is None else waits_of(off.waits, threads, requests),
        begin_ns=counters.begin.time_ns,
        end_ns=end_ns,
    )
