"""What our graphs need to know of a BERT: set by the catalogue, or read from a checkpoint's config.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.run.json_document import DAMAGED

if TYPE_CHECKING:
    from pathlib import Path

EXPORT_HINT = "`ortprof models export` makes an .onnx file of any model"


class BertConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of transformers' `BertConfig` that a graph or its untrained weights depend on.

    Names, meanings and defaults are those of transformers 5.24 (models/bert/configuration_bert.py), and of
    4.57 for `position_embedding_type`, which 5 dropped. A field that a config.json omits has its default.
    """

    num_hidden_layers: int = 12
    hidden_size: int = 768
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    vocab_size: int = 30522
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    hidden_act: str = "gelu"
    layer_norm_eps: float = 1e-12
    position_embedding_type: str = "absolute"
    is_decoder: bool = False
    """Whether a token attends to those before it alone."""
    num_labels: int = 2
    """Of the classifier; config.json names the labels instead, and the classifier's shape shows it."""
    initializer_range: float = 0.02
    """Standard deviation of untrained weights."""

    @property
    def parameters(self) -> int:
        """How many weights the model has, its pooler and its classifier included."""
        hidden, inner = self.hidden_size, self.intermediate_size
        layer_norm = 2 * hidden
        embeddings = (
            self.vocab_size + self.max_position_embeddings + self.type_vocab_size
        ) * hidden + layer_norm
        attention = 4 * (hidden * hidden + hidden) + layer_norm
        feed_forward = 2 * hidden * inner + inner + hidden + layer_norm
        pooler = hidden * hidden + hidden
        classifier = self.num_labels * (hidden + 1)
        return embeddings + self.num_hidden_layers * (attention + feed_forward) + pooler + classifier


ARCHITECTURE = tuple(
    field for field in BertConfig.__struct_fields__ if field not in ("num_labels", "initializer_range")
)
"""The fields that make two graphs alike: checkpoints that agree in them fit the same graph."""


class _Kind(msgspec.Struct):
    model_type: str | None = None


def read_config(path: Path) -> BertConfig:
    """Read a checkpoint's config.json; `UsageError` when it is none, or another model's than a BERT."""
    content = files.content(path)
    try:
        kind = msgspec.json.decode(content, type=_Kind).model_type
        if kind != "bert":
            raise UsageError(f"{path} describes a model of type {kind}, not a bert", hint=EXPORT_HINT)
        return msgspec.json.decode(content, type=BertConfig)
    except DAMAGED as error:
        raise UsageError(f"{path} is no configuration of a BERT: {error}") from error


def differences(config: BertConfig, wanted: BertConfig) -> list[str]:
    """Say in which fields of its architecture a configuration is not as wanted."""
    return [
        f"{field} {getattr(config, field)}, not {getattr(wanted, field)}"
        for field in ARCHITECTURE
        if getattr(config, field) != getattr(wanted, field)
    ]
