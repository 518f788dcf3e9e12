"""What several of these tests need."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from safetensors.numpy import save_file

from profiler.models.shipped import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from profiler.arrays import Int64s
    from profiler.models.bert import BertGraph

    Feed = dict[str, Int64s]
    Tensors = dict[str, npt.NDArray[np.float32]]


@dataclass
class RecordingProgress:
    """Remembers what it was told."""

    started: list[tuple[int, str]] = field(default_factory=list)
    advanced: int = 0
    finished: int = 0
    said: list[str] = field(default_factory=list)

    def start(self, total: int, label: str) -> None:
        self.started.append((total, label))

    def advance(self, amount: int) -> None:
        self.advanced += amount

    def finish(self) -> None:
        self.finished += 1

    def say(self, message: str) -> None:
        self.said.append(message)


def write_checkpoint(folder: Path, graph: BertGraph, changes: Mapping[str, object] | None = None) -> Tensors:
    """Write a checkpoint for `tiny` with every weight random, as `save_pretrained` lays it out."""
    generator = np.random.default_rng(7)
    tensors = {
        parameter.name: generator.normal(
            1.0 if parameter.initial == "ones" else 0.0,
            0.1,
            parameter.shape[::-1] if parameter.transposed else parameter.shape,
        ).astype(np.float32)
        for parameter in graph.parameters
    }
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / "model.safetensors")
    config = {"model_type": "bert", **msgspec.structs.asdict(CATALOGUE["tiny"].config), **(changes or {})}
    (folder / "config.json").write_text(json.dumps(config))
    return tensors
