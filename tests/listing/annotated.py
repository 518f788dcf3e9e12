"""An analysis whose samples fell into a compiled program with debug information (tests/waiting.py)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.cpu.cpu_figures import hot_rows
from profiler.attribution.cpu.hot_functions import merge_chains
from profiler.attribution.cpu.places import hot_places
from profiler.attribution.loading.locations import locate_frames
from profiler.attribution.rules.facts import describe_frames
from tests.pages.support import POOL, THREAD, Made, Sample
from tests.summaries import edited
from tests.waiting import FUNCTION, compile_waiting, pause_in

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.attribution.analysis import Analysis


def annotated(folder: Path, variant: str = "optimised") -> Analysis:
    """Return an analysis of 60 samples behind the pause of `wait_for` and 20 at its first instruction."""
    library = compile_waiting(folder, variant)
    index, pause = pause_in(library, folder)
    function = int(index.functions.lookup(np.array([pause]))[0])
    code = index.image.disassemble(function)
    after = next(one.address + len(one.data) for one in code if one.is_spin)
    hot, cold = (FUNCTION, str(library)), (FUNCTION, f"{library} ")
    made = Made(samples=[Sample(i + 1, POOL[0], (THREAD, hot if i % 4 else cold)) for i in range(80)])
    offsets = index.elf.to_offsets(np.array([after, int(index.functions.start[function])])).tolist()
    made.addresses = dict(zip((hot, cold), offsets, strict=True))
    analysis = made.analysis()
    profile = analysis.profile
    assert profile is not None
    # Frames of one function with two addresses: the blank behind the library's path told them apart.
    dso = profile.trace.strings.index(str(library))
    frames = profile.trace.frames
    blank = profile.trace.strings.index(f"{library} ")
    frames = dataclasses.replace(frames, dso=np.where(frames.dso == blank, dso, frames.dso))
    trace = dataclasses.replace(profile.trace, frames=frames)
    facts = describe_frames(trace).facts
    trace, _ = locate_frames(trace)
    names = [(name, other.rstrip()) for name, other in profile.frame_names]
    functions = merge_chains(trace.stacks, profile.attribution, names)
    profile = dataclasses.replace(profile, trace=trace, facts=facts, frame_names=names, functions=functions)
    hot_functions = hot_rows(functions, hot_places(trace, profile.attribution, names))
    return dataclasses.replace(analysis, profile=profile, summary=edited(analysis.summary, hot=hot_functions))
