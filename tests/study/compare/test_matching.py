from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.study.compare.changes import function_changes
from profiler.study.compare.matching import OTHER_CODE, matching

if TYPE_CHECKING:
    from profiler.study.compare.comparison import Comparison

RUNTIME = "onnxruntime_pybind11_state.so"
POOL = "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>"
ACROSS = matching(same_build=False, named=False)


@pytest.mark.parametrize(
    ("stripped", "symbol", "role"),
    [
        ("[worker loop]", f"{POOL}::WorkerLoop(int)", "[worker loop]"),
        ("[join loop]", f"{POOL}::EndParallelSectionInternal", "[join loop]"),
        ("[spin pause]", "onnxruntime::concurrency::SpinPause()", "[spin pause]"),
        ("[task]", "std::_Function_handler<void ()>::_M_invoke(std::_Any_data const&)", "[task]"),
        (
            "[loop helper]",
            "onnxruntime::concurrency::RunQueue<std::function<void ()>>::PopFront()",
            "[loop helper]",
        ),
    ],
)
def test_a_role_is_the_same_by_symbol_and_by_instructions(stripped: str, symbol: str, role: str) -> None:
    assert ACROSS.name((f"{stripped} {RUNTIME}+0x1531200", RUNTIME)) == (role, RUNTIME)
    assert ACROSS.name((symbol, RUNTIME)) == (role, RUNTIME)


@pytest.mark.parametrize(
    "name", [f"{RUNTIME}+0x10 (function)", "MlasGemmFloatKernelAvx512F", f"[no unwind info] {RUNTIME}+0x1"]
)
def test_without_names_on_one_side_the_rest_of_the_runtime_is_one(name: str) -> None:
    assert ACROSS.name((name, RUNTIME)) == (OTHER_CODE, RUNTIME)


def test_with_names_on_both_sides_they_are_kept() -> None:
    named = matching(same_build=False, named=True)
    assert named.name(("MlasGemmFloatKernelAvx512F", RUNTIME)) == ("MlasGemmFloatKernelAvx512F", RUNTIME)
    assert named.name((f"{POOL}::WorkerLoop(int)", RUNTIME)) == ("[worker loop]", RUNTIME)


def test_interpreters_of_two_versions_are_one_library() -> None:
    names = {ACROSS.name(("_PyEval_EvalFrameDefault", f"libpython3.{minor}.so.1.0")) for minor in (10, 11)}
    assert len(names) == 1
    assert ACROSS.name(("__poll", "libc.so.6")) == ("__poll", "libc.so.6")


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_name_is_taken_and_one_build_is_left_alone(name: str, library: str) -> None:
    assert matching(same_build=True, named=False).name((name, library)) == (name, library)
    assert ACROSS.name(ACROSS.name((name, library))) == ACROSS.name((name, library))


def test_the_worker_loop_of_1_12_1_is_that_of_the_stripped_1_32_0(across_builds: Comparison) -> None:
    """Golden: the polling loops have names in one run and none in the other."""
    assert across_builds.on_cpu is not None
    changes = {change.functions[0][0]: change for change in function_changes(across_builds.on_cpu)}
    for role in ("[worker loop]", "[loop helper]", OTHER_CODE):
        assert min(changes[role].total_ms) > 0.5, f"{role} is on both sides"
    assert not any("WorkerLoop" in name or "+0x15" in name for name in changes)
    assert "one has no names" in across_builds.matching.note


def test_runs_of_one_build_keep_their_addresses(comparison: Comparison) -> None:
    assert comparison.on_cpu is not None
    assert comparison.matching.note == ""
    assert any(name.startswith("[worker loop] ") for name, _ in comparison.on_cpu.functions)
