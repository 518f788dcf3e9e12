"""A run as every format is fed with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.requests.spans import Spans
from profiler.export.columns.chains import chains_of
from profiler.export.columns.code import KnownCode
from profiler.export.columns.names import clean
from profiler.export.columns.samples import samples_of
from profiler.export.columns.threads import threads_of
from profiler.export.columns.waits import waits_of
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis, Profile
    from profiler.export.columns.chains import Chains
    from profiler.export.columns.samples import SampleRows
    from profiler.export.columns.threads import ExportedThread
    from profiler.export.columns.waits import WaitRows
    from profiler.run.kinds import Part
    from profiler.run.manifest import Manifest
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """One run's profile phase: columns, and the tables that they point into."""

    manifest: Manifest
    profile: Profile
    """For what only some formats can say: the requests' anatomy, a CPU limit's periods."""
    chains: Chains
    code: KnownCode
    threads: tuple[ExportedThread, ...]
    requests: tuple[Request, ...]
    """The phase's, in order of their starts."""
    all_requests: tuple[Request, ...]
    """Those of other phases, too, in the order in which they were served."""
    samples: SampleRows
    waits: WaitRows | None
    """None where context switches were not recorded."""
    stretches: tuple[tuple[int, int], ...]
    """Begin and end of each in which nothing could run for want of quota; empty without a CPU limit."""
    begin_ns: int
    """Of the phase; CLOCK_MONOTONIC, as all times."""
    end_ns: int

    @property
    def title(self) -> str:
        """What a viewer shows of it."""
        run_id, label = self.manifest.run_id, self.manifest.title
        return clean(run_id if label == run_id else f"{label} ({run_id})")

    def parts_ns(self, request: int) -> dict[Part, float]:
        """Return where the wall time of a request went; empty where context switches were not recorded."""
        off = self.profile.off_cpu
        return {} if off is None else off.anatomies.parts_of(request)

    def caller(self, request: Request) -> int:
        """Return the index of the thread that called a request; the first one where that is not known."""
        callers = self.manifest.threads.callers
        tid = next(iter(callers), NONE) if request.caller is None else request.caller
        return next((index for index, thread in enumerate(self.threads) if thread.tid == tid), 0)

    def thread_name(self, tid: int) -> str:
        """Return what tells a thread from all others."""
        return next((thread.name for thread in self.threads if thread.tid == tid), str(tid))


def exported(analysis: Analysis) -> ExportedRun:
    """Return an analysed run's columns; `UsageError` where it has no profile."""
    profile, manifest = analysis.required_profile, analysis.manifest
    process, counters = manifest.threads, analysis.recorded.counters["profile"]
    requests = analysis.recorded.requests_of("profile")
    threads = threads_of(profile, manifest.processes)
    begin_ns, end_ns = counters.begin.time_ns, counters.end.time_ns
    off = profile.off_cpu
    return ExportedRun(
        manifest=manifest,
        profile=profile,
        chains=chains_of(profile.trace, profile.frame_names),
        code=KnownCode(profile),
        threads=threads,
        requests=tuple(requests),
        all_requests=tuple(analysis.requests),
        samples=samples_of(profile.attribution, threads, process, requests, end_ns),
        waits=None if off is None else waits_of(off.waits, threads, requests),
        stretches=_stretches(profile, begin_ns, end_ns),
        begin_ns=begin_ns,
        end_ns=end_ns,
    )


def _stretches(profile: Profile, begin_ns: int, end_ns: int) -> tuple[tuple[int, int], ...]:
    """Return them to the context switch where these were recorded, else as cpu.stat was read."""
    if profile.throttling is None:
        return ()
    spans = (
        Spans.of(profile.throttling.stretches) if profile.off_cpu is None else profile.off_cpu.waits.stretches
    )
    return tuple(spans.within(begin_ns, end_ns))
