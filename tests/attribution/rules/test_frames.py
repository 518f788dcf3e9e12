from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from profiler.attribution.rules.facts import columns_of, empty_facts, from_columns
from profiler.attribution.rules.frames import STACK_END, display_names, make_frames, short_library
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner, owner_by_symbol, owner_of
from profiler.symbols.calls import CallKind
from profiler.symbols.elf import NOWHERE
from profiler.symbols.polling import LoopPlace
from profiler.trace.model import NONE, Frames, Samples, Stacks, Switches, Trace
from tests.attribution.located import locate_by_hand

LIBRARY = "/site-packages/onnxruntime/capi/onnxruntime_pybind11_state.cpython-311-x86_64-linux-gnu.so"
STRINGS = (LIBRARY, "WorkerLoop", "[kernel.kallsyms]", "[heap]")


def trace_of(frames: list[tuple[int, int, int]]) -> Trace:
    """Frames of (address, symbol, dso); nothing else."""
    none64, none32, no = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.bool_)
    address, symbol, dso = zip(*frames, strict=True)
    return Trace(
        events=(),
        samples=Samples(none64, none32, none32, none32, none64, none32),
        stacks=Stacks(np.zeros(1, np.int64), none32),
        frames=Frames(np.array(address, np.uint64), np.array(symbol, np.int32), np.array(dso, np.int32)),
        strings=STRINGS,
        switches=Switches(none64, none32, none32, no, no),
        comms={},
        lost_samples=0,
    )


@pytest.mark.parametrize(
    ("dso", "owner"),
    [
        (LIBRARY, Owner.RUNTIME),
        ("/usr/lib/libonnxruntime.so.1.23.2", Owner.RUNTIME),
        ("/usr/lib/libonnxruntime_providers_shared.so", Owner.RUNTIME),
        ("/usr/bin/python3.11", Owner.INTERPRETER),
        ("/usr/lib/libpython3.8.so.1.0", Owner.INTERPRETER),
        ("/lib/python3.11/lib-dynload/_socket.cpython-311-x86_64-linux-gnu.so", Owner.INTERPRETER),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", Owner.SYSTEM),
        ("/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30", Owner.SYSTEM),
        ("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", Owner.SYSTEM),
        ("[vdso]", Owner.SYSTEM),
        ("[kernel.kallsyms]", Owner.KERNEL),
        ("[nf_tables]", Owner.KERNEL),
        ("/opt/app/libcompany.so", Owner.ELSEWHERE),
        ("/opt/app/libc_tools.so", Owner.ELSEWHERE),
        ("/opt/onnxruntime/app", Owner.ELSEWHERE),
        (LIBRARY + " (deleted)", Owner.RUNTIME),
    ],
)
def test_whose_code_a_library_holds(dso: str, owner: Owner) -> None:
    assert owner_of(dso) is owner


def test_frames_carry_what_names_and_instructions_say() -> None:
    trace = trace_of([(16, NONE, 0), (32, 1, 0), (48, NONE, 2), (64, NONE, 3), (80, NONE, NONE)])
    facts = empty_facts(5)
    facts.polls[0], facts.place[0], facts.call_kind[0] = True, LoopPlace.POLLING, CallKind.INDIRECT
    polling, named, kernel, heap, nowhere = make_frames(trace, facts)
    assert (polling.polls, polling.place, polling.call) == (True, LoopPlace.POLLING, CallKind.INDIRECT)
    assert (polling.named, polling.name) == (False, Name.NOTHING)
    assert (named.named, named.owner) == (True, Owner.RUNTIME)
    assert (kernel.owner, heap.owner, nowhere.owner) == (Owner.KERNEL, Owner.ELSEWHERE, Owner.ELSEWHERE)


def test_inlined_functions_are_levels_of_a_frame() -> None:
    """The instructions' word is the code's: the call is the innermost one's, the loop the named one's."""
    trace = trace_of([(16, NONE, 0), (32, 1, 0), (48, NONE, 2)])
    facts = empty_facts(3)
    facts.polls[0], facts.place[0], facts.call_kind[0] = True, LoopPlace.AROUND, CallKind.INDIRECT
    loop = "ThreadPoolTempl<Env>::WorkerLoop"
    located = locate_by_hand(
        trace, [[("f", "a", 1), (loop, "a", 2), ("g", "a", 3)], [("WorkerLoop", "a", 4)], []]
    )
    inlined, plain, kernel = make_frames(located, facts)
    assert (plain.levels, kernel.levels) == ((), ())
    called, worker, own = inlined.levels
    assert [level.inlined for level in inlined.levels] == [True, True, False]
    assert [level.call for level in inlined.levels] == [CallKind.INDIRECT, CallKind.DIRECT, CallKind.DIRECT]
    assert [level.polls for level in inlined.levels] == [False, True, True]
    assert (worker.name, worker.place) == (Name.WORKER_LOOP, LoopPlace.AROUND)
    assert (called.place, called.helper, called.named) == (LoopPlace.OUTSIDE, False, True)
    assert (own.named, own.owner) == (False, Owner.RUNTIME)
    assert make_frames(trace, facts) == [dataclasses.replace(inlined, levels=()), plain, kernel]


def test_names_that_people_can_use() -> None:
    trace = trace_of(
        [(address, NONE, 0) for address in range(8)]
        + [(8, 1, 0), (9, NONE, NONE), (10, NONE, 0)]
        + [(STACK_END, NONE, NONE)]
    )
    facts = empty_facts(12)
    facts.function[:7] = range(7)
    facts.function_start[:8] = range(0x100, 0x900, 0x100)
    facts.wraps[0] = True
    facts.polls[1:3] = True
    facts.dispatches[1] = True
    facts.helps[3] = True
    facts.function_start[6] = facts.function_start[5]
    facts.polls[10], facts.function[10], facts.function_start[10] = True, 10, 0xB00
    facts.function_size[10] = 13_000
    names = display_names(trace, facts, tasks=frozenset({5}))
    library = "onnxruntime_pybind11_state.so"
    assert [name for name, _ in names] == [
        f"[spin pause] {library}+0x100",
        f"[worker loop] {library}+0x200",
        f"[join loop] {library}+0x300",
        f"[loop helper] {library}+0x400",
        f"{library}+0x500 (function)",
        f"[task] {library}+0x600",
        f"[task] {library}+0x600",
        f"[no unwind info] {library}+0x800",
        "WorkerLoop",
        "[unknown]+0x9",
        f"{library}+0xb00 (function)",
        "[chain cut short]",
    ]
    assert {origin for _, origin in names} == {library, "[unknown]"}


def test_a_library_is_shown_without_its_abi_tag() -> None:
    assert short_library(LIBRARY) == "onnxruntime_pybind11_state.so"
    assert short_library("[kernel.kallsyms]") == "[kernel.kallsyms]"


def test_facts_survive_being_kept_and_foreign_ones_are_refused() -> None:
    facts = empty_facts(3)
    columns = columns_of(facts)
    kept = from_columns(columns, 3)
    assert kept is not None
    for field in dataclasses.fields(facts):
        assert np.array_equal(getattr(kept, field.name), getattr(facts, field.name))
    with pytest.raises(ValueError, match=r"column 'extra\.\w+' has the shape \(3,\), not \(4,\)"):
        from_columns(columns, 4)
    with pytest.raises(ValueError, match=r"column 'extra\.place' is int64, not uint8"):
        from_columns({**columns, "place": columns["place"].astype(np.int64)}, 3)
    assert from_columns({}, 3) is None
    earlier = from_columns({name: column for name, column in columns.items() if name != "shared"}, 3)
    assert earlier is not None
    assert not earlier.shared.any()


@pytest.mark.parametrize(
    ("symbol", "owner"),
    [
        ("onnxruntime::InferenceSession::Run(OrtRunOptions const*)", Owner.RUNTIME),
        ("std::function<void (onnxruntime::Tensor*)>::operator()", Owner.RUNTIME),
        ("MlasGemmFloatKernelAvx512F", Owner.RUNTIME),
        ("_PyEval_EvalFrameDefault", Owner.INTERPRETER),
        ("py::handler:/srv/app.py", Owner.INTERPRETER),
        ("Mlasting", Owner.ELSEWHERE),
        ("my_onnxruntime::f", Owner.ELSEWHERE),
        ("PyMC_like.but(not)", Owner.ELSEWHERE),
    ],
)
def test_owners_of_functions_without_a_library(symbol: str, owner: Owner) -> None:
    assert owner_by_symbol(symbol) is owner


def test_facts_of_earlier_versions_still_serve() -> None:
    columns = columns_of(empty_facts(3))
    del columns["helps"], columns["loop"]
    called_from = np.array([LoopPlace.POLLING, LoopPlace.AROUND, LoopPlace.OUTSIDE], np.uint8)
    size = np.array([1024, 1025, 16], np.int64)
    kept = from_columns({**columns, "called_from": called_from, "function_size": size}, 3)
    assert kept is not None
    assert kept.helps.tolist() == [True, False, False]
    assert kept.loop.tolist() == [NOWHERE] * 3
