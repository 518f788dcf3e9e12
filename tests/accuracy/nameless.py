"""The same recording attributed twice: with a library's symbols, and as if it had been stripped."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler import process
from profiler.attribution.cpu.attribute import Attribution, attribute
from profiler.attribution.rules.facts import describe_frames
from profiler.attribution.rules.frames import make_frames
from profiler.run.kinds import KINDS
from profiler.run.phase_counters import PhaseCounters
from profiler.symbols.elf import ElfFile
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory
    from profiler.trace.model import Trace

AGREEMENT = 0.99
"""The part of the samples that must have the same kind."""
STRIP_SECONDS = 60.0
SHOWN_FRAMES = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """Samples of one place that got different kinds."""

    by_symbols: str
    by_instructions: str
    functions: str
    """The innermost ones, the leaf first."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two attributions of the same samples compare."""

    samples: int
    differences: Counter[Difference]
    by_symbols: dict[str, float]
    """CPU milliseconds of each kind."""
    by_instructions: dict[str, float]

    @property
    def share(self) -> float:
        """The part of the samples that have the same kind, from 0 to 1."""
        return 1 - sum(self.differences.values()) / self.samples


def compare(run: RunDirectory, analysis: Analysis, folder: Path) -> Agreement:
    """Attribute a run again, its runtime's library replaced by a copy in `folder` that `strip` made.

    `AssertionError` when the copy is not laid out as the original, so that addresses would not fit.
    """
    assert analysis.profile is not None
    assert analysis.manifest.perf is not None
    trace, named = analysis.profile.trace, analysis.profile.attribution
    library = analysis.manifest.ort.library
    nameless_trace = without_names(trace, library, strip(Path(library), folder))
    counters = msgspec.json.decode(run.counters.read_bytes(), type=dict[str, PhaseCounters])["profile"]
    nameless = attribute(
        nameless_trace,
        make_frames(nameless_trace, describe_frames(nameless_trace).facts),
        analysis.manifest.process,
        counters,
        [request for request in analysis.requests if request.phase == "profile"],
        user_only=analysis.manifest.perf.user_only,
    )
    differences: Counter[Difference] = Counter()
    for row in np.flatnonzero(named.kind != nameless.kind).tolist():
        kinds = KINDS[named.kind[row]].value, KINDS[nameless.kind[row]].value
        differences[Difference(*kinds, _innermost(trace, int(named.stack[row])))] += 1
    return Agreement(len(named.kind), differences, _milliseconds(named), _milliseconds(nameless))


def strip(library: Path, folder: Path) -> Path:
    """Copy a library without its symbols, under the same name."""
    copy = folder / library.name
    done = process.run(["strip", "-o", str(copy), str(library)], timeout=STRIP_SECONDS)
    assert done.exit_code == 0, done.stderr
    before, after = ElfFile.open(library), ElfFile.open(copy)
    assert before.symbol_level != "none"
    assert after.symbol_level == "none"
    assert after.segments == before.segments
    return copy


def without_names(trace: Trace, library: str, stripped: Path) -> Trace:
    """Return a trace whose frames in `library` have no symbol and lie in `stripped`, and no frame a line."""
    dso = trace.strings.index(library)
    symbol = np.where(trace.frames.dso == dso, np.int32(NONE), trace.frames.symbol)
    return dataclasses.replace(
        trace,
        frames=dataclasses.replace(trace.frames, symbol=symbol),
        locations=None,
        strings=tuple(str(stripped) if text == library else text for text in trace.strings),
    )


def _innermost(trace: Trace, stack: int) -> str:
    start, end = trace.stacks.offsets[stack : stack + 2].tolist()
    frames = trace.stacks.frames[start:end][:SHOWN_FRAMES]
    symbols = trace.frames.symbol[frames].tolist()
    return " < ".join("[unknown]" if at == NONE else trace.strings[at] for at in symbols)


def _milliseconds(attribution: Attribution) -> dict[str, float]:
    return {kind.value: cpu_ns / 1e6 for kind, cpu_ns in attribution.cpu_ns_by_kind().items()}
