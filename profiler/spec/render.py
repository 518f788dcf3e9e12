"""A session configuration as text that people can paste: TOML for ortprof.toml, and Python."""

from __future__ import annotations

import msgspec

from profiler.spec.configuration import ExecutionMode, SessionConfiguration, Setting


def as_toml(configuration: SessionConfiguration) -> str:
    """Return the `[configurations.NAME]` table that gives this configuration in ortprof.toml."""
    defaults = msgspec.to_builtins(SessionConfiguration())
    table = {
        key: value
        for key, value in msgspec.to_builtins(configuration).items()
        if key not in ("name", "adjustments") and value != defaults[key]
    }
    return msgspec.toml.encode({"configurations": {configuration.name: table}}).decode()


def as_python(configuration: SessionConfiguration, settings: dict[str, Setting]) -> str:
    """Return Python that makes the same `SessionOptions`, each entry with its first version."""
    lines = ["import onnxruntime as ort", "", "options = ort.SessionOptions()"]
    if configuration.threads:
        lines.append(f"options.intra_op_num_threads = {configuration.threads}")
    if configuration.inter_op_threads:
        lines.append(f"options.inter_op_num_threads = {configuration.inter_op_threads}")
    if configuration.execution_mode is ExecutionMode.PARALLEL:
        lines.append("options.execution_mode = ort.ExecutionMode.ORT_PARALLEL")
    for key, value in configuration.entries.items():
        since = f"  # ONNX Runtime {settings[key].since} or later" if key in settings else ""
        lines.append(f"options.add_session_config_entry({_quoted(key)}, {_quoted(value)}){since}")
    lines.append('session = ort.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a Python string literal with double quotes (JSON's escapes are Python's too)."""
    return msgspec.json.encode(text).decode()
