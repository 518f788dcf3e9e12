"""What becomes a slice of Perfetto's: samples joined over time, and tracks for what overlaps."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Column
    from profiler.export.columns.samples import SampleRows

SLACK = 0.5
"""Samples of one kind join when the gap between them is at most this part of a sample's time."""


@dataclass(frozen=True, slots=True)
class Slices:
    """Times in which a thread did one thing; rising, disjoint."""

    begin_ns: Column
    end_ns: Column
    kind: Column
    """Index into `KINDS`."""
    evidence: Column
    """Index into `EVIDENCES`."""
    cpu_ns: Column
    """CPU time of the samples in it: exact, where its length is what there was room for."""
    samples: Column

    def columns(self) -> Iterator[Column]:
        """Yield the columns in order."""
        return (getattr(self, field.name) for field in dataclasses.fields(self))


def slices_of(samples: SampleRows, thread: int) -> Slices:
    """Let each sample of one thread stand for the CPU time before it, and join neighbours that are alike."""
    mine = np.flatnonzero(samples.thread == thread)
    end, cpu = samples.time_ns[mine], samples.cpu_ns[mine]
    kind, evidence = samples.kind[mine], samples.evidence[mine]
    begin = np.maximum(end - cpu, np.concatenate([np.zeros(1, np.int64), end[:-1]])) if len(end) else end
    apart = (kind[1:] != kind[:-1]) | (evidence[1:] != evidence[:-1])
    apart |= begin[1:] - end[:-1] > SLACK * cpu[1:]
    first = np.flatnonzero(np.concatenate([[True], apart])) if len(end) else np.zeros(0, np.int64)
    last = np.append(first[1:], len(end)) - 1 if len(end) else first
    sums = np.add.reduceat(cpu, first) if len(end) else cpu
    return Slices(begin[first], end[last], kind[first], evidence[first], sums, last - first + 1)


def lanes(spans: Sequence[tuple[int, int, int]]) -> Iterator[int]:
    """Yield a number for each (begin, end, group), by rising begins, so that none of a number overlap.

    Numbers count from 0 in each group.
    """
    ends: dict[int, list[int]] = {}
    for begin, end, group in spans:
        taken = ends.setdefault(group, [])
        lane = next((lane for lane, until in enumerate(taken) if until <= begin), len(taken))
        taken[lane : lane + 1] = [end]
        yield lane
