"""Execution providers that compute on CPUs, by ONNX Runtime's names and by those that people use.

Names: onnxruntime/core/providers/get_execution_providers.cc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

CPU = "CPUExecutionProvider"
XNNPACK = "XnnpackExecutionProvider"
DNNL = "DnnlExecutionProvider"
OPENVINO = "OpenVINOExecutionProvider"
KNOWN = {
    "cpu": CPU,
    "xnnpack": XNNPACK,
    "dnnl": DNNL,
    "onednn": DNNL,
    "openvino": OPENVINO,
}
"""By the names that `--provider` takes beside the full ones."""
ELSEWHERE = (
    "cuda", "tensorrt", "nvtensorrtrtx", "rocm", "migraphx", "dml", "coreml", "nnapi", "qnn", "cann",
    "webgpu", "webnn", "js", "vsinpu", "rknpu", "vitisai", "snpe", "azure",
)  # fmt: skip
"""Those that compute on a GPU, another accelerator, or another machine."""
SUFFIX = "executionprovider"


def parse_provider(text: str, option: str = "--provider") -> str:
    """Return a provider's full name; `UsageError` for one that does not compute on CPUs names `option`.

    A name that is not known is returned as it is: only the ONNX Runtime that is started knows it.
    """
    short = text.lower().removesuffix(SUFFIX)
    if short in ELSEWHERE:
        raise UsageError(
            f"{option} {text}: it does not compute on this machine's CPUs, which are all that ortprof sees",
            hint=f"CPU providers: {', '.join(KNOWN)}",
        )
    return KNOWN.get(short, text)


def refuse_missing(provider: str, available: Sequence[str], ort_version: str) -> None:
    """Raise `UsageError` where an ONNX Runtime lacks a provider, or where it is not known as a CPU's."""
    if provider == CPU:
        return
    if provider not in available:
        raise UsageError(
            f"--provider {provider}: ONNX Runtime {ort_version} here was built without it",
            hint=f"it has {', '.join(available)}; choose another ONNX Runtime with --python",
        )
    if provider not in KNOWN.values():
        raise UsageError(
            f"--provider {provider}: ortprof does not know it as one that computes on CPUs",
            hint=f"CPU providers: {', '.join(KNOWN)}",
        )


def session_providers(provider: str, threads: int) -> list[object]:
    """Return what a session is created with: a name, or a name with its options, in order of preference.

    OpenVINO is kept on the CPU, and XNNPACK has a pool of its own: both get as many threads as ONNX Runtime's
    own pool would have.
    """
    if provider == CPU:
        return [CPU]
    options: dict[str, str] = {}
    if provider == OPENVINO:
        options = {"device_type": "CPU"} | ({"num_of_threads": str(threads)} if threads else {})
    elif provider == XNNPACK and threads:
        options = {"intra_op_num_threads": str(threads)}
    return [[provider, options], CPU]
