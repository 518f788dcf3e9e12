"""Builds a catalogue model's ONNX file. Imports numpy and onnx: for `prepare` alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.models import model_cache, onnx_file
from profiler.models.bert import sequence_classification
from profiler.models.bert_config import EXPORT_HINT, differences, read_config
from profiler.models.origin import CONFIG_FILE, WEIGHTS_FILE, fetch
from profiler.models.weights import CheckpointWeights, SyntheticWeights, Weights

if TYPE_CHECKING:
    from profiler.models.progress import Progress
    from profiler.models.shipped import CatalogueEntry


def build(
    entry: CatalogueEntry, *, source: str | None, folder: Path, graph_version: int, progress: Progress
) -> model_cache.PreparedModel:
    """Build the model into the cache `folder`, replacing what is there.

    The weights are synthetic, or from `source`: see `origin.fetch`, `weights.CheckpointWeights` and
    `model_cache.replacing` for the errors. `UsageError` when the source has another architecture.
    """
    graph = sequence_classification(entry.config)
    weights: Weights = SyntheticWeights(entry.name, entry.config.initializer_range)
    provenance = "synthetic"
    if source is not None:
        checkpoint_folder = fetch(source)
        if Path(source).expanduser().is_dir():
            source = os.path.realpath(checkpoint_folder)
        _require_same_architecture(entry, checkpoint_folder)
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
        parameters=entry.config.parameters,
        size=written.size,
        mtime_ns=path.stat().st_mtime_ns,
        sha256=written.sha256,
    )
    model_cache.store_record(folder, entry.name, record)
    return model_cache.prepared(folder, entry.name, record)


def _require_same_architecture(entry: CatalogueEntry, checkpoint: Path) -> None:
    """Raise `UsageError` that names what differs."""
    differing = differences(read_config(checkpoint / CONFIG_FILE), entry.config)
    if differing:
        raise UsageError(f"{checkpoint} is no {entry.name}: {', '.join(differing)}", hint=EXPORT_HINT)
