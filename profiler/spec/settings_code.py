"""A session configuration as text to paste: TOML for ortprof.toml, code, environment variables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler.spec.configuration import ExecutionMode, SessionConfiguration, Setting, release

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT_SINCE = "1.29"
"""First ONNX Runtime that reads `ORT_*_NUM_THREADS`, for sessions that leave the count to it (ORT#29510)."""


def as_toml(configuration: SessionConfiguration) -> str:
    """Return the `[configurations.NAME]` table that gives this configuration in ortprof.toml."""
    defaults = msgspec.to_builtins(SessionConfiguration())
    table = {
        key: value
        for key, value in msgspec.to_builtins(configuration).items()
        if key not in ("name", "adjustments") and value != defaults[key]
    }
    return msgspec.toml.encode({"configurations": {configuration.name: table}}).decode()


def _json(text: str) -> str:
    """Return a string literal with double quotes: JSON's escapes are Python's and C++'s too."""
    return msgspec.json.encode(text).decode()


@dataclass(frozen=True, slots=True)
class Language:
    """How one of ONNX Runtime's interfaces says a setting."""

    name: str
    opening: tuple[str, ...]
    threads: str
    inter_op_threads: str
    parallel: str
    entry: str
    comment: str
    closing: tuple[str, ...]
    quoted: Callable[[str], str] = _json


PYTHON = Language(
    name="Python",
    opening=("import onnxruntime as ort", "", "options = ort.SessionOptions()"),
    threads="options.intra_op_num_threads = {}",
    inter_op_threads="options.inter_op_num_threads = {}",
    parallel="options.execution_mode = ort.ExecutionMode.ORT_PARALLEL",
    entry="options.add_session_config_entry({}, {})",
    comment="  # ",
    closing=('session = ort.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])',),
)
CPP = Language(
    name="C++",
    opening=("#include <onnxruntime_cxx_api.h>", "", "Ort::Env env;", "Ort::SessionOptions options;"),
    threads="options.SetIntraOpNumThreads({});",
    inter_op_threads="options.SetInterOpNumThreads({});",
    parallel="options.SetExecutionMode(ORT_PARALLEL);",
    entry="options.AddConfigEntry({}, {});",
    comment="  // ",
    closing=('Ort::Session session(env, "model.onnx", options);',),
)
CSHARP = Language(
    name="C#",
    opening=("using Microsoft.ML.OnnxRuntime;", "", "var options = new SessionOptions();"),
    threads="options.IntraOpNumThreads = {};",
    inter_op_threads="options.InterOpNumThreads = {};",
    parallel="options.ExecutionMode = ExecutionMode.ORT_PARALLEL;",
    entry="options.AddSessionConfigEntry({}, {});",
    comment="  // ",
    closing=('using var session = new InferenceSession("model.onnx", options);',),
    quoted=json.dumps,  # ASCII alone: a line separator (U+2028) would end a C# literal
)


def as_code(
    configuration: SessionConfiguration, settings: dict[str, Setting], language: Language = PYTHON
) -> str:
    """Return code that makes the same session, each entry with the first version that honours it."""
    lines = list(language.opening)
    if configuration.threads:
        lines.append(language.threads.format(configuration.threads))
    if configuration.inter_op_threads:
        lines.append(language.inter_op_threads.format(configuration.inter_op_threads))
    if configuration.execution_mode is ExecutionMode.PARALLEL:
        lines.append(language.parallel)
    for key, value in configuration.entries.items():
        since = f"{language.comment}ONNX Runtime {settings[key].since} or later" if key in settings else ""
        lines.append(language.entry.format(language.quoted(key), language.quoted(value)) + since)
    return "\n".join((*lines, *language.closing)) + "\n"


def as_environment(configuration: SessionConfiguration, ort_version: str) -> dict[str, str]:
    """Return the environment variables that this ONNX Runtime has for parts of a configuration.

    They exist for thread counts alone, and rule only where the session's own options leave the count to
    ONNX Runtime.
    """
    if release(ort_version) < release(ENVIRONMENT_SINCE):
        return {}
    counts = {
        "ORT_INTRA_OP_NUM_THREADS": configuration.threads,
        "ORT_INTER_OP_NUM_THREADS": configuration.inter_op_threads,
    }
    return {name: str(count) for name, count in counts.items() if count}
