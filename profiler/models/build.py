"""Builds a catalogue model's ONNX file. Imports numpy, onnx and transformers: for `prepare` alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.models import model_cache, onnx_file
from profiler.models.bert import sequence_classification
from profiler.models.origin import CONFIG_FILE, WEIGHTS_FILE, fetch, quiet_import
from profiler.models.weights import CheckpointWeights, SyntheticWeights, Weights

if TYPE_CHECKING:
    from profiler.models.bert import BertConfig
    from profiler.models.progress import Progress
    from profiler.models.shipped import CatalogueEntry

MATTERING_FIELDS = (
    "num_hidden_layers",
    "hidden_size",
    "num_attention_heads",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
    "type_vocab_size",
    "hidden_act",
    "layer_norm_eps",
)
"""What the graph depends on, besides the number of labels, which the classifier's shape shows."""


def build(
    entry: CatalogueEntry, *, source: str | None, folder: Path, graph_version: int, progress: Progress
) -> model_cache.PreparedModel:
    """Build the model into the cache `folder`, replacing what is there.

    The weights are synthetic, or from `source`: see `source.fetch`, `weights.CheckpointWeights` and
    `model_cache.replacing` for the errors. `UsageError` when the source has another architecture.
    """
    config = quiet_import("transformers").BertConfig(**entry.config)
    graph = sequence_classification(config)
    weights: Weights = SyntheticWeights(entry.name, config.initializer_range)
    provenance = "synthetic"
    if source is not None:
        checkpoint_folder = fetch(source)
        if Path(source).expanduser().is_dir():
            source = str(checkpoint_folder.resolve())
        _require_same_architecture(entry, config, checkpoint_folder)
        checkpoint = CheckpointWeights(checkpoint_folder / WEIGHTS_FILE, graph.parameters, weights)
        weights = checkpoint
        provenance = f"source {source}"
        if checkpoint.head_missing:
            provenance += " (classifier synthetic)"
            progress.say(f"{source} has no classifier: that layer's weights are synthetic")
    path = model_cache.model_path(folder, entry.name)
    with model_cache.replacing(path) as file:
        written = onnx_file.write(
            file, graph.model, graph.parameters, weights, progress=progress, label=f"building {entry.name}"
        )
    record = model_cache.Record(
        graph_version=graph_version,
        weights=provenance,
        source=source,
        parameters=entry.parameters,
        size=written.size,
        mtime_ns=path.stat().st_mtime_ns,
        sha256=written.sha256,
    )
    model_cache.store_record(folder, entry.name, record)
    return model_cache.prepared(folder, entry.name, record)


def _require_same_architecture(entry: CatalogueEntry, config: BertConfig, folder: Path) -> None:
    """Raise `UsageError` that names what differs. Fields that the file omits are not compared."""
    path = folder / CONFIG_FILE
    try:
        found: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can't be read as JSON: {error}") from error
    if not isinstance(found, dict) or found.get("model_type") != "bert":
        kind = found.get("model_type") if isinstance(found, dict) else None
        raise UsageError(
            f"{path} describes a model of type {kind}, but {entry.name} is a bert",
            hint="`ortprof models export` makes an .onnx file of any model",
        )
    differing = [
        f"{field} {found[field]}, not {getattr(config, field)}"
        for field in MATTERING_FIELDS
        if field in found and found[field] != getattr(config, field)
    ]
    if differing:
        raise UsageError(
            f"{folder} is no {entry.name}: {', '.join(differing)}",
            hint="`ortprof models export` makes an .onnx file of any model",
        )
