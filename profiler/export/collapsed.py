"""Collapsed stacks: a line a call chain, `outermost;...;innermost weight`, as flame graph tools read them.

Format: https://github.com/brendangregg/FlameGraph, stackcollapse-perf.pl; with a second weight difffolded.pl.
A chain's kind is a frame of its own, as `[spin-idle]`. Weights are microseconds of CPU time; their decimals
are nanoseconds, so that nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from profiler.export.columns.chains import STRUCTURAL
from profiler.export.columns.grouped import grouped
from profiler.export.formats import KindFrame
from profiler.export.kind_frames import with_kind
from profiler.run.kinds import KINDS, kind_frame

if TYPE_CHECKING:
    from profiler.export.columns.exported import ExportedRun


@dataclass(frozen=True, slots=True)
class Collapsed:
    """CPU time by call chain and kind."""

    suffix: ClassVar[str] = ".collapsed.txt"

    kind_frame: KindFrame = KindFrame.INNERMOST
    after: ExportedRun | None = None
    """A second run, whose weights are in a second column; 0 for what one of the two does not have."""

    def write(self, run: ExportedRun, out: BinaryIO) -> None:
        """Write the lines, each distinct chain and kind once, in the order in which they were first seen."""
        weights = [self._weights(exported) for exported in (run, self.after) if exported is not None]
        for chain in dict.fromkeys(chain for table in weights for chain in table):
            columns = " ".join(f"{table.get(chain, 0) / 1e3:.3f}" for table in weights)
            out.write(f"{chain} {columns}\n".encode())

    def _weights(self, run: ExportedRun) -> dict[str, int]:
        """Return the nanoseconds of each line."""
        names = [STRUCTURAL.sub("\N{REPLACEMENT CHARACTER}", name) for name, _ in run.chains.functions]
        weights: defaultdict[str, int] = defaultdict(int)
        rows = run.samples
        for (stack, kind), _, ns in grouped((rows.stack, rows.kind), rows.cpu_ns):
            if ns:
                path = [names[function] for function in run.chains.path(stack)]
                chain = with_kind(path, kind_frame(KINDS[kind]), self.kind_frame)
                weights[";".join(chain)] += ns
        return weights
