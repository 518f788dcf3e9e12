from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.spec.workload import Arrivals, Workload, make_workload

MODEL = {"model": "tiny", "model_path": "tiny.onnx", "weights": "synthetic"}


def test_phases_come_in_order_with_their_lengths() -> None:
    workload = make_workload(**MODEL, warmup_seconds=1, measure_seconds=2, profile_seconds=0)
    assert workload.phases() == [("warmup", 1.0), ("measure", 2.0), ("profile", 0.0), ("operators", 0.0)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch": 0}, "--batch 0: a whole number from 1 to 10000000"),
        ({"tokens": -3}, "--tokens -3: a whole number from 1 to 10000000"),
        ({"tokens": 10**9}, "--tokens 1000000000: a whole number from 1 to 10000000"),
        ({"rate": 0}, "--rate 0: a number from 0.000001 to 1000000"),
        ({"rate": float("inf")}, "--rate inf: a number from 0.000001 to 1000000"),
        ({"rate": float("nan")}, "--rate nan: a number from 0.000001 to 1000000"),
        ({"seed": -1}, "--seed -1: a whole number from 0 to 4294967295"),
        ({"seed": 10**26}, f"--seed {10**26}: a whole number from 0 to 4294967295"),
        ({"warmup_seconds": -1}, "--warmup -1: a number from 0 to 86400"),
        ({"profile_seconds": float("nan")}, "--profile nan: a number from 0 to 86400"),
        ({"measure_seconds": 86401}, "--measure 86401: a number from 0 to 86400"),
        ({"dims": {"a": 4, "b": 0}}, "--dim b: 0: a whole number from 1 to 10000000"),
    ],
)
def test_an_error_names_the_option_and_its_range(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_workload(**MODEL, **values)
    assert caught.value.message == message


@pytest.mark.parametrize("values", [{"model_path": "m\udcff.onnx"}, {"dims": {"m\udcff.onnx": 1}}])
def test_what_the_run_s_files_can_not_hold_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^'m\\udcff\.onnx' is not UTF-8$"):
        make_workload(**MODEL | values)


@given(
    st.builds(
        Workload,
        model=st.text(),
        model_path=st.text(),
        weights=st.text(),
        batch=st.integers(1, 2**40),
        tokens=st.integers(1, 2**40),
        dims=st.dictionaries(st.text(), st.integers(1, 2**40), max_size=2),
        arrivals=st.sampled_from(Arrivals),
        rate=st.floats(1e-6, 1e6),
        seed=st.integers(-(2**60), 2**60),
        warmup_seconds=st.floats(0, 86_400),
        measure_seconds=st.floats(0, 86_400),
        profile_seconds=st.floats(0, 86_400),
    )
)
def test_json_reads_back_as_the_same_workload(workload: Workload) -> None:
    assert msgspec.json.decode(msgspec.json.encode(workload), type=Workload) == workload
