from __future__ import annotations

import pytest

from profiler.errors import UsageError
from profiler.spec.provider import (
    CPU,
    DNNL,
    OPENVINO,
    XNNPACK,
    parse_provider,
    refuse_missing,
    session_providers,
)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("cpu", CPU),
        ("XNNPACK", XNNPACK),
        ("oneDNN", DNNL),
        ("OpenVINOExecutionProvider", OPENVINO),
        ("NewExecutionProvider", "NewExecutionProvider"),
    ],
)
def test_names_that_people_use(given: str, name: str) -> None:
    assert parse_provider(given) == name


@pytest.mark.parametrize("given", ["cuda", "CUDAExecutionProvider", "TensorRT", "azure"])
def test_what_computes_elsewhere_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match=f"--provider {given}: it does not compute on this machine's CPUs"):
        parse_provider(given)


def test_what_the_wheel_lacks_is_refused_with_what_it_has() -> None:
    with pytest.raises(UsageError, match=r"ONNX Runtime 1\.32\.0 here was built without it") as caught:
        refuse_missing(XNNPACK, [CPU, "AzureExecutionProvider"], "1.32.0")
    assert caught.value.hint is not None
    assert "it has CPUExecutionProvider, AzureExecutionProvider" in caught.value.hint
    with pytest.raises(UsageError, match="does not know it as one that computes on CPUs"):
        refuse_missing("NewExecutionProvider", ["NewExecutionProvider", CPU], "1.32.0")
    refuse_missing(OPENVINO, [OPENVINO, CPU], "1.24.1")
    refuse_missing(CPU, [], "1.11.0")


def test_each_gets_what_keeps_it_on_the_cpu_with_as_many_threads() -> None:
    assert session_providers(CPU, 4) == [CPU]
    assert session_providers(OPENVINO, 0) == [[OPENVINO, {"device_type": "CPU"}], CPU]
    assert session_providers(OPENVINO, 2) == [
        [OPENVINO, {"device_type": "CPU", "num_of_threads": "2"}],
        CPU,
    ]
    assert session_providers(XNNPACK, 4) == [[XNNPACK, {"intra_op_num_threads": "4"}], CPU]
    assert session_providers(DNNL, 4) == [[DNNL, {}], CPU]
