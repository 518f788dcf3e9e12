"""What our exporters write, read back: the same time in the same functions."""

from __future__ import annotations

import gzip
import io
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.export.columns.exported import exported
from profiler.export.exporters import exporter_of
from profiler.export.formats import Format, KindFrame
from profiler.intake import firefox, pprof
from profiler.trace.model import NONE
from profiler.trace.validate import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.analysis import Analysis
    from profiler.intake.taken import Taken
    from profiler.trace.model import Trace

READERS: dict[Format, Callable[[bytes], Taken]] = {Format.FIREFOX: firefox.take, Format.PPROF: pprof.take}


def back(analysis: Analysis, form: Format) -> Taken:
    out = io.BytesIO()
    exporter_of(form, KindFrame.INNERMOST, None).write(exported(analysis), out)
    taken = READERS[form](gzip.decompress(out.getvalue()))
    check(taken.trace, {})
    return taken


@pytest.mark.parametrize("form", READERS)
def test_the_same_time_in_chains_of_the_same_length(analysis: Analysis, form: Format) -> None:
    taken = back(analysis, form)
    attribution, trace = analysis.required_profile.attribution, analysis.required_profile.trace
    chained = attribution.stack != NONE
    lengths = np.diff(trace.stacks.offsets)[attribution.stack[chained]]
    expected: Counter[int] = Counter()
    for length, ns in zip(lengths.tolist(), attribution.cpu_ns[chained].tolist(), strict=True):
        expected[length] += ns
    found: Counter[int] = Counter()
    own, inlined = taken.trace, trace.locations is not None
    for stack, ns in zip(own.samples.stack.tolist(), own.samples.weight.tolist(), strict=True):
        frames = own.stacks.frames[own.stacks.offsets[stack] : own.stacks.offsets[stack + 1]].tolist()
        found[_held(own, frames) if inlined else len(frames)] += ns
    assert taken.in_nanoseconds
    assert sum(found.values()) == pytest.approx(float(attribution.cpu_ns.sum()), rel=1e-3)
    assert found[max(expected)] == pytest.approx(expected[max(expected)], rel=1e-3)
    assert any("onnxruntime" in path for path, _ in own.libraries())


def _held(trace: Trace, frames: list[int]) -> int:
    """Count functions that hold code: those inlined into them stand at the same address."""
    places = [(int(trace.frames.address[frame]), int(trace.frames.dso[frame])) for frame in frames]
    return sum(number == 0 or place != places[number - 1] for number, place in enumerate(places))
