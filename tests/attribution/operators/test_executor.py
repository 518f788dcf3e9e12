"""The executor is found by what it calls, and tells its own samples from those of operators."""

from __future__ import annotations

import dataclasses

import numpy as np

from profiler.attribution.operators.executor import Executor
from profiler.attribution.rules.owners import Owner
from profiler.symbols.calls import CallKind
from profiler.trace.model import NONE, Stacks
from tests.attribution.made_frames import frame

LIBRARY = "onnxruntime.so"
DIRECT, INDIRECT = CallKind.DIRECT, CallKind.INDIRECT
MATMUL, ADD = 5, 9
"""Any numbers of two operator types."""

Chain = list[tuple[str, CallKind]]
"""(function, how it called the one above it), the thread's start first."""

ROOT: Chain = [("run", DIRECT), ("execute", DIRECT)]


def execute(call: CallKind, *above: tuple[str, CallKind]) -> Chain:
    return [*ROOT[:-1], ("execute", call), *above, ("leaf", CallKind.UNKNOWN)]


MATMUL_WORK = execute(INDIRECT, ("MatMul", DIRECT))
MATMUL_PARTS = execute(INDIRECT, ("MatMul", DIRECT), ("parts", INDIRECT), ("MatMul's task", DIRECT))
ADD_WORK = execute(INDIRECT, ("Add", DIRECT))
ADD_PARTS = execute(INDIRECT, ("Add", DIRECT), ("parts", INDIRECT), ("Add's task", DIRECT))
RECORD = execute(DIRECT, ("record", DIRECT))
ITSELF = ROOT
LONE: Chain = [("leaf", CallKind.UNKNOWN)]
INTERRUPTED: Chain = [*ROOT[:-1], ("execute", INDIRECT), ("[kernel]", DIRECT)]
SUBGRAPH = execute(INDIRECT, ("Loop", INDIRECT), ("execute", DIRECT), ("record", DIRECT))


def overhead(*rows: tuple[Chain | None, int]) -> list[bool]:
    """Return the verdict on each sample of (chain, operator type)."""
    names: dict[tuple[str, CallKind], int] = {}
    chains = [[names.setdefault(one, len(names)) for one in reversed(chain or [])] for chain, _ in rows]
    frames = [
        dataclasses.replace(frame(), call=call, owner=Owner.KERNEL if name == "[kernel]" else Owner.RUNTIME)
        for name, call in names
    ]
    stacks = Stacks(
        np.cumsum([0, *map(len, chains)]).astype(np.int64),
        np.array([one for chain in chains for one in chain], np.int32),
    )
    executor = Executor(stacks, frames, [(name, LIBRARY) for name, _ in names])
    stack = [NONE if chain is None else index for index, (chain, _) in enumerate(rows)]
    found: list[bool] = executor.overhead(np.array(stack), np.array([kind for _, kind in rows])).tolist()
    return found


def test_what_the_executor_calls_directly_is_not_the_operators() -> None:
    known = [(MATMUL_WORK, MATMUL), (ADD_WORK, ADD)]
    rows = [(RECORD, ADD), (ITSELF, ADD), (LONE, MATMUL), (None, MATMUL), (INTERRUPTED, ADD)]
    assert overhead(*known, *rows) == [False, False, True, True, False, False, True]


def test_what_hands_an_operators_parts_to_the_pool_is_not_the_executor() -> None:
    """It, too, enters a function of its own for each type, but further in."""
    rows = [(MATMUL_PARTS, MATMUL), (ADD_PARTS, ADD), (MATMUL_WORK, MATMUL), (RECORD, MATMUL)]
    assert overhead(*rows) == [False, False, False, True]


def test_of_a_subgraph_the_innermost_executor_decides() -> None:
    assert overhead((MATMUL_WORK, MATMUL), (ADD_WORK, ADD), (SUBGRAPH, ADD)) == [False, False, True]


def test_one_type_does_not_tell_the_executor() -> None:
    assert overhead((MATMUL_WORK, MATMUL), (RECORD, MATMUL)) == [False, False]


def test_without_calls_nothing_is_told() -> None:
    unknown = [[(name, CallKind.UNKNOWN) for name, _ in chain] for chain in (MATMUL_WORK, ADD_WORK, RECORD)]
    assert overhead((unknown[0], MATMUL), (unknown[1], ADD), (unknown[2], ADD)) == [False] * 3
    assert overhead() == []
