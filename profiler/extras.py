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
        raise missing(f"this needs {module}, which is not installed", extra, error) from error


def missing(what: str, extra: str, error: BaseException) -> MachineError:
    """Return the error for what needs an extra that is not installed, or not whole."""
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return MachineError(f"{what}: {said}", hint=f"pip install 'ortprof[{extra}]'")
