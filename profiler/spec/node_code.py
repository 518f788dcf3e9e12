"""A session configuration as JavaScript to paste: onnxruntime-node nests entries by their dots."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from profiler.spec.configuration import ExecutionMode

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration, Setting

NAME = "Node"


def as_node(configuration: SessionConfiguration, settings: dict[str, Setting]) -> str:
    """Return code that makes the same session, with the first version that honours each entry."""
    options: dict[str, Any] = {}
    if configuration.threads:
        options["intraOpNumThreads"] = configuration.threads
    if configuration.inter_op_threads:
        options["interOpNumThreads"] = configuration.inter_op_threads
    if configuration.execution_mode is ExecutionMode.PARALLEL:
        options["executionMode"] = "parallel"
    for key, value in configuration.entries.items():
        place = options.setdefault("extra", {})
        *folders, name = key.split(".")
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    notes = [
        f"// {key}: ONNX Runtime {settings[key].since} or later\n"
        for key in configuration.entries
        if key in settings
    ]
    return (
        'import ort from "onnxruntime-node";\n\n'
        f"{''.join(notes)}const options = {json.dumps(options, indent=2)};\n"
        'const session = await ort.InferenceSession.create("model.onnx", options);\n'
    )
