"""The samples of a profile phase, with the CPU time that each stands for in whole nanoseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.export.columns.flights import request_at
from profiler.run.kinds import EVIDENCES, KINDS, Evidence
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Bytes, Column, Int32s, Int64s
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.export.columns.threads import ExportedThread
    from profiler.run.processes import Process
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class SampleRows:
    """One row a sample, in order of time, then one a kind of which CPU time is in no sample."""

    time_ns: Int64s
    """CLOCK_MONOTONIC; the phase's end where no sample stands for it."""
    thread: Int32s
    """Index into the run's threads."""
    kind: Bytes
    """Index into `KINDS`."""
    evidence: Bytes
    """Index into `EVIDENCES`."""
    request: Int32s
    """Index into the run's requests of the one in flight; NONE where none was."""
    stack: Int32s
    """Index into the trace's stacks, or NONE."""
    cpu_ns: Int64s
    """CPU time. The sum of each kind is summary.json's, to the nanosecond."""


def samples_of(
    attribution: Attribution,
    threads: Sequence[ExportedThread],
    process: Process,
    requests: Sequence[Request],
    end_ns: int,
) -> SampleRows:
    """Return the samples; `requests` are the phase's in order of their starts, `end_ns` is the phase's."""
    unsampled = {kind: ns for kind, ns in attribution.unsampled_ns.items() if ns}
    count = len(unsampled)
    kind = np.append(attribution.kind, [KINDS.index(name) for name in unsampled]).astype(np.uint8)
    number = {thread.tid: index for index, thread in enumerate(threads)}
    tids, which = np.unique(attribution.tid, return_inverse=True)
    rows = np.array([number[tid] for tid in tids.tolist()], np.int32)[which.reshape(-1)]

    def more(column: Column, value: int) -> Column:
        return np.append(column, np.full(count, value)).astype(column.dtype)

    return SampleRows(
        time_ns=more(attribution.time_ns, end_ns),
        thread=more(rows.astype(np.int32), len(threads) - 1),
        kind=kind,
        evidence=more(attribution.evidence, EVIDENCES.index(Evidence.NONE)),
        request=more(request_at(attribution.time_ns, attribution.tid, process, requests), NONE),
        stack=more(attribution.stack, NONE),
        cpu_ns=whole_by_kind(kind, np.append(attribution.cpu_ns, list(unsampled.values()))),
    )


def whole_by_kind(kind: Column, ns: Column) -> Int64s:
    """Round nanoseconds so that each kind's sum is the whole number next to its exact sum."""
    whole = np.zeros(ns.shape, np.int64)
    for number in np.unique(kind).tolist():
        rows = np.flatnonzero(kind == number)
        whole[rows] = np.diff(np.rint(np.cumsum(ns[rows])).astype(np.int64), prepend=0)
    return whole
