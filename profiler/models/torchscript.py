"""transformers model -> ONNX file, through torch's TorchScript exporter. Imports torch."""

from __future__ import annotations

import inspect
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from profiler import files
from profiler.errors import UsageError
from profiler.models.origin import first_line, quiet_import

if TYPE_CHECKING:
    from profiler.models.progress import Progress

OPSET = 14
"""The oldest that the attention exports to. The newer exporter (`dynamo=True`) begins at opset 18 with IR
version 10, which ONNX Runtime 1.12 and 1.15 refuse to load."""

INPUTS = ("input_ids", "attention_mask", "token_type_ids")

HEAD_SEED = 0
"""Layers that the checkpoint lacks are random: the same ones at each export."""


def export_folder(folder: Path, model_class: str, path: Path, *, name: str, progress: Progress) -> Path:
    """Export the model in `folder` to `path`, replacing what is there; return `path`.

    Its inputs are those of `INPUTS` that the model's `forward` takes: int64, batch and sequence dynamic.
    `UsageError` when transformers can't load it as `model_class` or torch can't export it, `MachineError`
    when the file can't be written.
    """
    model = _load(folder, model_class, name, progress)
    accepted = inspect.signature(model.forward).parameters
    # Two rows of eight tokens: lengths of 1 would be taken for constants.
    tokens = torch.ones((2, 8), dtype=torch.int64)
    inputs = {
        key: tokens if key != "token_type_ids" else torch.zeros_like(tokens)
        for key in INPUTS
        if key in accepted
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
            _export(model, inputs, Path(temporary) / path.name, name)
            # Beyond 2 GB torch puts weights into files of their own: the model that names them comes last.
            for made in sorted(Path(temporary).iterdir(), key=lambda file: file.name == path.name):
                made.replace(path.parent / made.name)
    except OSError as error:
        raise files.not_written(path, error) from error
    return path


def _load(folder: Path, model_class: str, name: str, progress: Progress) -> Any:
    transformers: Any = quiet_import("transformers")
    logging: Any = quiet_import("transformers.utils.logging")
    logging.disable_progress_bar()
    torch.manual_seed(HEAD_SEED)
    try:
        model, loading = getattr(transformers, model_class).from_pretrained(
            folder, use_safetensors=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{name} can't be loaded as {model_class}: {first_line(error)}") from error
    if loading["missing_keys"]:
        missing = ", ".join(sorted(loading["missing_keys"]))
        progress.say(f"{name} lacks {missing}: these weights are random")
    model.config.return_dict = False
    return model.eval()


def _export(model: Any, inputs: dict[str, torch.Tensor], path: Path, name: str) -> None:
    axes = {key: {0: "batch", 1: "sequence"} for key in inputs}
    try:
        with warnings.catch_warnings():
            # On tracing, on its deprecation in favour of an exporter whose files old ONNX Runtimes refuse.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model,
                kwargs=inputs,
                f=str(path),
                input_names=list(inputs),
                output_names=["logits"],
                dynamic_axes={**axes, "logits": {0: "batch"}},
                opset_version=OPSET,
                dynamo=False,
            )
    except (RuntimeError, ValueError, TypeError, torch.onnx.errors.OnnxExporterError) as error:
        raise UsageError(f"torch can't export {name}: {first_line(error)}") from error
