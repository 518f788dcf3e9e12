"""ONNX Runtime in the workload: import, session options, thread ids."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Set, Tuple


def import_onnxruntime() -> Any:
    """Import onnxruntime with its telemetry off: its threads must not be in the profile."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read at import, from 1.29 on
    import onnxruntime  # noqa: PLC0415 - after the environment is set

    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()
    return onnxruntime


def library_path() -> str:
    """Return the path of the shared library that holds the runtime."""
    from onnxruntime.capi import onnxruntime_pybind11_state  # noqa: PLC0415 - see import_onnxruntime

    return os.path.realpath(str(onnxruntime_pybind11_state.__file__))


def thread_ids() -> Set[int]:
    """Return this process's thread ids."""
    return {int(name) for name in os.listdir("/proc/self/task")}


def open_session(onnxruntime: Any, command: Dict[str, Any]) -> Any:
    """Create the `InferenceSession` that an `open` command asks for."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = command["threads"]
    options.inter_op_num_threads = command["inter_op_threads"]
    if command["execution_mode"] == "parallel":
        options.execution_mode = onnxruntime.ExecutionMode.ORT_PARALLEL
    options.log_severity_level = 3
    if command.get("profile_prefix"):
        options.enable_profiling = True
        options.profile_file_prefix = command["profile_prefix"]
    for key, value in command["entries"].items():
        options.add_session_config_entry(key, value)
    return onnxruntime.InferenceSession(command["model"], options, providers=["CPUExecutionProvider"])


def clocks_ns() -> Tuple[int, int]:
    """Return CLOCK_REALTIME and CLOCK_MONOTONIC of one instant: of a few pairs, the one read fastest.

    ONNX Runtime's profiler counts from an instant of `std::chrono::high_resolution_clock`, which is the
    former in wheels for Linux (libstdc++), although its documentation says the latter.
    """
    pairs = []
    for _ in range(5):
        before, realtime, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        pairs.append((after - before, realtime, (before + after) // 2))
    return min(pairs)[1:]
