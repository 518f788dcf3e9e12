"""Each distinct frame of a trace as rules see it, and as people read it."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from profiler.attribution.rules.chains import Frame
from profiler.attribution.rules.names import Name, of_symbol
from profiler.attribution.rules.owners import Owner, owner_by_symbol, owner_of
from profiler.symbols.calls import CallKind
from profiler.symbols.elf import NOWHERE
from profiler.symbols.polling import LoopPlace
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Collection

    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace

JOIN_BYTES = 4096
"""The largest function that is named after the join in it. Larger ones do much more than wait: ONNX Runtime's
executor, of 8 to 13 kB, has one; its joins proper have 0.8 to 2.5 kB (1.12 to 1.32)."""
STACK_END = (1 << 64) - 1
"""Address of the frame that perf prints where the copied stack ended."""


def make_frames(trace: Trace, facts: FrameFacts, runtimes: Collection[str] = ()) -> list[Frame]:
    """Return the `Frame` of each row of `trace.frames`; equal ones are one object (`alike_chains`).

    `runtimes` as for `owner_of`.
    """
    owners = {dso: owner_of(trace.strings[dso], runtimes) for dso in set(trace.frames.dso.tolist()) - {NONE}}
    without = set(trace.frames.symbol[trace.frames.dso == NONE].tolist()) - {NONE}
    by_symbol = {symbol: owner_by_symbol(trace.strings[symbol]) for symbol in without}
    names = {index: of_symbol(trace.strings[index]) for index in set(trace.frames.symbol.tolist()) - {NONE}}
    frame_of = functools.cache(_frame)
    frames = [
        frame_of(
            by_symbol.get(symbol, Owner.ELSEWHERE) if dso == NONE else owners[dso],
            names.get(symbol),
            call,
            place,
            polls=polls,
            dispatches=dispatches,
            wraps=wraps,
            helps=helps,
            shared=shared,
        )
        for dso, symbol, call, place, polls, dispatches, wraps, helps, shared in zip(
            trace.frames.dso.tolist(),
            trace.frames.symbol.tolist(),
            facts.call_kind.tolist(),
            facts.place.tolist(),
            facts.polls.tolist(),
            facts.dispatches.tolist(),
            facts.wraps.tolist(),
            facts.helps.tolist(),
            facts.shared.tolist(),
            strict=True,
        )
    ]
    if trace.locations is None:
        return frames
    inlined = [of_symbol(trace.strings[index]) for index in trace.locations.function.tolist()]
    with_levels = functools.cache(_with_levels)
    bounds = itertools.pairwise(trace.locations.offsets.tolist())
    return [
        with_levels(frame, tuple(inlined[begin : max(begin, end - 1)]))
        for frame, (begin, end) in zip(frames, bounds, strict=True)
    ]


def _frame(
    owner: Owner,
    name: Name | None,
    call: int,
    place: int,
    *,
    polls: bool,
    dispatches: bool,
    wraps: bool,
    helps: bool,
    shared: bool,
) -> Frame:
    return Frame(
        owner=owner,
        name=Name.NOTHING if name is None else name,
        named=name is not None,
        call=CallKind(call),
        place=LoopPlace(place),
        polls=polls,
        dispatches=dispatches,
        wraps=wraps,
        helper=wraps or helps,
        shared=shared,
    )


def _with_levels(frame: Frame, inlined: tuple[Name, ...]) -> Frame:
    """Return a frame with its levels, for the names of the functions inlined there, the innermost first.

    What the instructions tell is told of the code: its innermost level made the call of the frame above. A
    level that is named after a loop stands in it where the code stands. Other levels in a loop are what the
    loop calls, so polling unless their names say otherwise.
    """
    if not inlined:
        return frame
    helper = frame.helper or frame.place is LoopPlace.POLLING
    levels = []
    for depth, name in enumerate(inlined):
        loop = bool(name & (Name.WORKER_LOOP | Name.JOIN_LOOP))
        levels.append(
            dataclasses.replace(
                frame,
                name=name,
                named=True,
                call=frame.call if depth == 0 else CallKind.DIRECT,
                place=frame.place if loop else LoopPlace.OUTSIDE,
                polls=frame.polls and loop,
                dispatches=frame.dispatches and loop,
                helper=helper,
                inlined=True,
            )
        )
    own = dataclasses.replace(frame, call=CallKind.DIRECT)
    return dataclasses.replace(frame, levels=(*levels, own))


def display_names(trace: Trace, facts: FrameFacts, tasks: frozenset[int]) -> list[tuple[str, str]]:
    """Return (function, library) for each frame, as tables and flame graphs show it.

    A function without a name is `library+0x… (function)`; what its instructions tell comes first, in
    brackets: `[worker loop]`, `[join loop]`, `[spin pause]`, `[loop helper]` for what the loops call, and
    `[task]` for the functions of the frames in `tasks`. Code between functions is `[no unwind info]`; where
    the copied stack ended before the thread's start, perf prints a frame that is none: `[chain cut short]`.
    """
    entered = {(trace.frames.dso[task], facts.function_start[task]) for task in tasks}
    shown = []
    for index, (address, symbol, dso, start) in enumerate(
        zip(
            trace.frames.address.tolist(),
            trace.frames.symbol.tolist(),
            trace.frames.dso.tolist(),
            facts.function_start.tolist(),
            strict=True,
        )
    ):
        library = "[unknown]" if dso == NONE else short_library(trace.strings[dso])
        if symbol != NONE:
            shown.append((trace.strings[symbol], library))
        elif dso == NONE and address == STACK_END:
            shown.append(("[chain cut short]", library))
        elif start == NOWHERE:
            shown.append((f"{library}+0x{address:x}", library))
        else:
            role = _inferred_role(facts, index, is_task=(dso, start) in entered)
            place = f"{library}+0x{start:x}"
            shown.append((f"[{role}] {place}" if role else f"{place} (function)", library))
    return shown


def _inferred_role(facts: FrameFacts, index: int, *, is_task: bool) -> str:
    """Return what the instructions around a nameless frame say of its function; empty for nothing."""
    if facts.function[index] == NOWHERE:
        return "no unwind info"
    if facts.wraps[index]:
        return "spin pause"
    if facts.polls[index] and facts.dispatches[index]:
        return "worker loop"
    if facts.polls[index] and facts.function_size[index] <= JOIN_BYTES:
        return "join loop"
    if is_task:
        return "task"
    return "loop helper" if facts.helps[index] else ""


@functools.cache
def short_library(dso: str) -> str:
    """Return a DSO's file name without its ABI tag: `onnxruntime_pybind11_state.so`."""
    if dso.startswith("["):
        return dso
    return re.sub(r"\.cpython-[^/]*\.so$", ".so", PurePosixPath(dso).name)
