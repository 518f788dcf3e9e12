"""ONNX Runtime in the workload: import, sessions with their pools, and how one is called."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Tuple

from .elements import BFLOAT16, STRING, InputError

if TYPE_CHECKING:
    from .feeds import Feed

CPU = "CPUExecutionProvider"
BFLOAT16_CODE = 16
"""`TensorProto.BFLOAT16` (onnx.proto)."""

Pool = Dict[str, Any]


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


def thread_ids() -> List[int]:
    """Return this process's thread ids, in the order in which they were created (the kernel's list)."""
    return [int(name) for name in os.listdir("/proc/self/task")]


class Service:
    """An open session with what it is fed: what callers call."""

    def __init__(self, model: Any, infer: Callable[[int], Any], sets: int, order: str, callers: int) -> None:
        self.model = model
        self.infer = infer
        """Runs the model on the set of inputs of that number."""
        self.sets = sets
        self.order = order
        self.callers = callers


def open_global_pool(onnxruntime: Any, asked: Dict[str, int]) -> List[Pool]:
    """Create the environment's thread pools, which sessions can share; return them.

    `NotImplementedError` where this version's Python API has no way to.
    """
    if not hasattr(onnxruntime, "set_global_thread_pool_sizes"):
        raise NotImplementedError(
            "the Python API of ONNX Runtime {} can't make a global pool".format(onnxruntime.__version__)
        )
    before = thread_ids()
    onnxruntime.set_global_thread_pool_sizes(asked["threads"], asked["inter_op_threads"])
    made = [tid for tid in thread_ids() if tid not in before]
    return _as_pools(made, asked["threads"], asked["inter_op_threads"], parallel=True, role="global")


def open_session(onnxruntime: Any, command: Dict[str, Any], shared: bool) -> Tuple[Any, List[Pool]]:
    """Create the `InferenceSession` that an `open` command asks for; return it with its own pools.

    `shared`: it has none, and uses the environment's.
    """
    parallel = command["execution_mode"] == "parallel"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = command["threads"]
    options.inter_op_num_threads = command["inter_op_threads"]
    if parallel:
        options.execution_mode = onnxruntime.ExecutionMode.ORT_PARALLEL
    if shared:
        options.use_per_session_threads = False
    options.log_severity_level = 3
    if command.get("profile_prefix"):
        options.enable_profiling = True
        options.profile_file_prefix = command["profile_prefix"]
    for key, value in command["entries"].items():
        options.add_session_config_entry(key, value)
    before = thread_ids()
    providers = [
        provider if isinstance(provider, str) else tuple(provider) for provider in command["providers"]
    ]
    model = onnxruntime.InferenceSession(command["model"], options, providers=providers)
    wanted = providers[0] if isinstance(providers[0], str) else providers[0][0]
    if wanted not in model.get_providers():
        raise RuntimeError("{} can't be used; ONNX Runtime's own message is on standard error".format(wanted))
    made = [tid for tid in thread_ids() if tid not in before]
    foreign = _foreign(made, command["threads"]) if wanted != CPU and not parallel else []
    own = [tid for tid in made if tid not in foreign]
    pools = _as_pools(
        own, command["threads"], command["inter_op_threads"], parallel=parallel, role="intra-op"
    )
    return model, pools + ([{"role": "other", "tids": foreign}] if foreign else [])


def _foreign(tids: List[int], threads: int) -> List[int]:
    """Return which of a session's new threads are its provider's: those after ONNX Runtime's own pool.

    Which that are is known only where its size is.
    """
    return tids[threads - 1 :] if threads else []


def _as_pools(tids: List[int], threads: int, inter_op: int, parallel: bool, role: str) -> List[Pool]:
    """Tell the pools of new threads apart: ONNX Runtime creates the intra-op pool first.

    A pool of N has N - 1 threads, for the caller is the Nth; 0 is one a physical core for both pools.
    """
    if not parallel:
        intra = len(tids)
    elif threads:
        intra = min(len(tids), threads - 1)
    elif inter_op:
        intra = max(0, len(tids) - (inter_op - 1))
    else:
        intra = len(tids) // 2
    pools = [(role, tids[:intra]), ("inter-op", tids[intra:])]
    return [{"role": name, "tids": members} for name, members in pools if members]


def inference(onnxruntime: Any, model: Any, sets: "Sequence[Feed]") -> Callable[[int], Any]:
    """Return what runs a model on one of the sets of inputs, by its number.

    `InputError` where this version can't be fed with one of the types.
    """
    names = [output.name for output in model.get_outputs()]
    nodes = [*model.get_inputs(), *model.get_outputs()]
    if all(node.type != BFLOAT16 for node in nodes):
        return lambda fed: model.run(names, sets[fed])
    kinds = {node.name: node.type for node in model.get_inputs()}
    # Text, sequences and what may be left out are fed as they are, beside bfloat16 as a value of ONNX
    # Runtime's; but only values like that come back as bfloat16.
    plain = [name for name, kind in kinds.items() if kind == STRING or not kind.startswith("tensor")]
    if plain and any(node.type == BFLOAT16 for node in model.get_outputs()):
        message = "input {!r} is {}, which ONNX Runtime's Python API does not feed where outputs are bfloat16"
        raise InputError(message.format(plain[0], kinds[plain[0]]))
    values = [
        {
            name: value if name in plain else _ort_value(onnxruntime, name, kinds[name], value)
            for name, value in feed.items()
        }
        for feed in sets
    ]
    if plain:
        return lambda fed: model.run(names, values[fed])
    return lambda fed: model.run_with_ort_values(names, values[fed])


def _ort_value(onnxruntime: Any, name: str, kind: str, value: Optional[Any]) -> Any:
    if kind != BFLOAT16:
        return onnxruntime.OrtValue.ortvalue_from_numpy(value)
    if not hasattr(onnxruntime.OrtValue, "ortvalue_from_numpy_with_onnx_type"):
        raise InputError(
            "input {!r} has type {}, which the Python API of ONNX Runtime {} can't be fed with".format(
                name, kind, onnxruntime.__version__
            )
        )
    return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(value, BFLOAT16_CODE)


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
