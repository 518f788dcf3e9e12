"""`sessions` of summary.json: the load, the cost and the requests of each session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.pools.pool_figures import threads_ms
from profiler.attribution.statistics import late_starts, latency_figures
from profiler.attribution.waits.wait_figures import request_of
from profiler.run.parts import PartLoad, SessionFigures
from profiler.run.processes import PoolRole
from profiler.run.summary import available
from profiler.spec.workload import Companion

if TYPE_CHECKING:
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.processes import Session
    from profiler.run.records import Recorded
    from profiler.run.sections.request_section import RequestFigures
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.workload import SessionLoad


def session_figures(recorded: Recorded, off: OffCpuProfile | None) -> list[SessionFigures]:
    """Return the figures of each session, in their order; `off` is None where waits were not recorded."""
    manifest = recorded.manifest
    loads = () if manifest.workload is None else manifest.workload.loads
    labels = [_label(load, manifest.configuration) for load in loads]
    figures = []
    for number, session in enumerate(manifest.threads.sessions):
        figures.append(
            SessionFigures(
                id=session.id,
                model=session.model,
                config=labels[number % len(labels)] if labels else "",  # each process has them all
                callers=len(session.callers),
                pools=session.pools,
                measured=_load(recorded, session, "measure"),
                profiled=_load(recorded, session, "profile"),
                request=None if off is None else _anatomy(session, off),
            )
        )
    return figures


def _label(load: SessionLoad, of_run: SessionConfiguration | None) -> str:
    configuration = (load.configuration if isinstance(load, Companion) else None) or of_run
    return "" if configuration is None else configuration.label


def _anatomy(session: Session, off: OffCpuProfile) -> RequestFigures | None:
    its = np.array([request.caller in session.callers for request in off.anatomies.requests], np.bool_)
    return available(request_of(off.anatomies.where(its), off.settings))


def _load(recorded: Recorded, session: Session, phase: str) -> PartLoad | None:
    pools = [pool for pool in recorded.manifest.threads.pools if pool.id in session.pools]
    own = [tid for pool in pools if pool.role is not PoolRole.GLOBAL for tid in pool.tids]
    cpu_ms = threads_ms(recorded.counters.get(phase), [*session.callers, *own])
    if cpu_ms is None:
        return None
    requests = [request for request in recorded.requests_of(phase) if request.caller in session.callers]
    return PartLoad(
        requests=len(requests),
        latency_ms=latency_figures(requests),
        late_start_ms=late_starts(requests),
        cpu_ms=cpu_ms,
        cpu_ms_per_request=cpu_ms / len(requests) if requests else None,
    )
