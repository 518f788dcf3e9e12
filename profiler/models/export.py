"""Exports a Hugging Face model to ONNX. Light to import: torch comes in when an export begins."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.extras import missing
from profiler.models.origin import fetch, quiet_import
from profiler.models.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FEATURES: Mapping[str, str] = MappingProxyType(
    {"sequence-classification": "AutoModelForSequenceClassification"}
)
"""Feature, as `python -m transformers.onnx` called it, to the transformers class whose output is `logits`."""

NEEDED = ("torch", "transformers")
"""What only an export imports: the package's extra `export` brings it."""

FILE_NAME = "model.onnx"


def export(source: str, *, feature: str, output: Path, progress: Progress = SILENT) -> Path:
    """Export the model `source` (a Hugging Face id or a folder) to `output`/model.onnx; return that path.

    `UsageError` for an unknown feature or a source that is no such model, `MachineError` without
    torch or transformers, or when the Hub can't be reached or the file can't be written.
    """
    if feature not in FEATURES:
        raise UsageError(f"unknown feature {feature!r}", hint=f"features: {', '.join(FEATURES)}")
    try:
        for module in NEEDED:
            quiet_import(module)
    except (ImportError, OSError) as error:  # the second: a library that torch loads
        raise missing(f"exporting a model needs {' and '.join(NEEDED)}", "export", error) from error
    from profiler.models.torchscript import export_folder  # noqa: PLC0415 (imports torch)

    folder = fetch(source)
    return export_folder(folder, FEATURES[feature], output / FILE_NAME, name=source, progress=progress)
