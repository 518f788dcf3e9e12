"""The call chains of a run by functions, inlined ones included, for formats that know no addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.export.columns.names import clean
from profiler.findings.inlined import unfold
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.trace.model import Stacks, Trace

STRUCTURAL = re.compile(r"[;\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What would end a frame or a line where chains are text, and what a terminal obeys."""
NO_CHAIN = ("[no call chain]", "")
"""Stands for the functions of a sample that perf recorded no chain with."""


@dataclass(frozen=True, slots=True)
class Chains:
    """Distinct functions and the chains over them."""

    functions: list[tuple[str, str]]
    """(function, library); the last is `NO_CHAIN`."""
    stacks: Stacks
    """As the trace's, but of indices into `functions`."""

    def path(self, stack: int) -> list[int]:
        """Return a stack's functions, the thread's start first; for NONE, `NO_CHAIN` alone."""
        if stack == NONE:
            return [len(self.functions) - 1]
        begin, end = self.stacks.offsets[stack], self.stacks.offsets[stack + 1]
        path: list[int] = self.stacks.frames[begin:end][::-1].tolist()
        return path


def chains_of(trace: Trace, frame_names: Sequence[tuple[str, str]]) -> Chains:
    """Return a trace's chains; names become valid Unicode."""
    unfolded = unfold(trace, frame_names)
    functions = [(clean(function), clean(library)) for function, library in unfolded.functions]
    return Chains([*functions, NO_CHAIN], unfolded.stacks)
