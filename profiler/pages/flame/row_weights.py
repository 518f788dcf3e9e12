"""What the boxes of a flame graph are as wide as: CPU time by sample, or wall time off the CPU by wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.kinds import EVIDENCES, KINDS, WAITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class RowWeights:
    """Time by call chain, thread and verdict; all columns have the same length."""

    stack: Column
    """Index into the trace's stacks, or NONE."""
    tag: Column
    """((thread * kinds + kind) * evidences + evidence) * 2 + in_request."""
    ns: Column


def cpu_weights(attribution: Attribution, thread: Column) -> RowWeights:
    """Return the CPU time of samples; `thread` is each one's (index into the page's threads)."""
    tag = _tag(thread, len(KINDS), attribution.kind, attribution.evidence, attribution.in_request)
    return RowWeights(attribution.stack, tag, attribution.cpu_ns)


def wait_weights(waits: ClassifiedWaits, requests: Sequence[Request], thread: Column) -> RowWeights:
    """Return the time of waits, within requests and outside; `thread` is each one's likewise."""
    parts = []
    for kind, *sides in waits.parts(requests):
        for in_request, ns in zip((True, False), sides, strict=True):
            rows = ns > 0
            inside = np.full(int(rows.sum()), in_request)
            tag = _tag(thread[rows], len(WAITS), kind[rows], waits.evidence[rows], inside)
            parts.append((waits.off.stack[rows], tag, ns[rows]))
    return RowWeights(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _tag(thread: Column, kinds: int, kind: Column, evidence: Column, in_request: Column) -> Column:
    tag = thread.astype(np.int64) * kinds + kind
    return np.asarray((tag * len(EVIDENCES) + evidence) * 2 + in_request)
