"""The environment of a command whose sessions are to get settings.

The hooks' side of its variables is `native/wanted.c` and `wanted` in `python/python_hook.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.injection.hooks import Hooks
    from profiler.injection.settings import InjectedSettings

PREFIX = "ORTPROF_INJECTION_"
MOST_ENTRIES = 64
LONGEST_KEY, LONGEST_VALUE = 1024, 2048
"""Bytes that ONNX Runtime takes (onnxruntime/core/framework/config_options.h)."""


def environment(settings: InjectedSettings, hooks: Hooks, base: Mapping[str, str]) -> dict[str, str]:
    """Return `base` with what gives `settings` to every session of the command and of what it starts.

    What `base` preloads, and has on Python's path, comes after ours. `UsageError` for settings that ONNX
    Runtime could not take, or that an environment can't hold.
    """
    child = {name: value for name, value in base.items() if not name.startswith(PREFIX)}
    child |= _variables(settings)
    child[f"{PREFIX}FOLDER"] = str(hooks.folder)
    if hooks.python.path is not None:
        child["PYTHONPATH"] = _before(str(hooks.python.path), base.get("PYTHONPATH"))
    if hooks.native.path is not None:
        child["LD_PRELOAD"] = _before(hooks.native.path, base.get("LD_PRELOAD"))
    return child


def _before(first: str, rest: str | None) -> str:
    """Put ours first in a list of paths; an empty list is none, lest it name the working directory."""
    return f"{first}:{rest}" if rest else first


def _variables(settings: InjectedSettings) -> dict[str, str]:
    if len(settings.entries) > MOST_ENTRIES:
        raise UsageError(f"{len(settings.entries)} session entries: at most {MOST_ENTRIES} can be given")
    variables = {}
    if settings.threads is not None:
        variables[f"{PREFIX}THREADS"] = str(settings.threads)
    if settings.inter_op_threads is not None:
        variables[f"{PREFIX}INTER_OP_THREADS"] = str(settings.inter_op_threads)
    if settings.execution_mode is not None:
        variables[f"{PREFIX}EXECUTION_MODE"] = settings.execution_mode.value
    for number, (key, value) in enumerate(settings.entries.items()):
        _require_possible(key, value)
        variables[f"{PREFIX}ENTRY_{number}"] = f"{key} {value}"
    return variables


def _require_possible(key: str, value: str) -> None:
    if not 0 < len(key.encode()) <= LONGEST_KEY or " " in key or "\0" in key:
        raise UsageError(f"session entry {key[:80]!r}: a key has 1 to {LONGEST_KEY} bytes, and no space")
    if len(value.encode()) > LONGEST_VALUE or "\0" in value:
        raise UsageError(
            f"session entry {key}: a value has at most {LONGEST_VALUE} bytes, none of them zero",
        )
