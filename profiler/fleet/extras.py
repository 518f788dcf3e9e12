"""Libraries that the base install leaves out."""

from __future__ import annotations

import importlib
from typing import Any

from profiler.errors import MachineError


def need(module: str, extra: str) -> Any:
    """Import a library of one of our extras; `MachineError` says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MachineError(
            f"this needs {module}, which is not installed: {error}", hint=f"pip install 'ortprof[{extra}]'"
        ) from error
