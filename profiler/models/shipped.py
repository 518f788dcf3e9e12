"""The models that ortprof knows by name. Data alone: nothing here imports onnx or transformers."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A BERT for sequence classification. Fields from `num_hidden_layers` on are those of `BertConfig`."""

    name: str
    meaning: str
    """One line for a list of models."""
    num_hidden_layers: int
    hidden_size: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int = 30522
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    num_labels: int = 2

    @property
    def config(self) -> dict[str, int]:
        """The keyword arguments for `BertConfig` that make this architecture; all else is its default."""
        return {
            "num_hidden_layers": self.num_hidden_layers,
            "hidden_size": self.hidden_size,
            "num_attention_heads": self.num_attention_heads,
            "intermediate_size": self.intermediate_size,
            "vocab_size": self.vocab_size,
            "max_position_embeddings": self.max_position_embeddings,
            "type_vocab_size": self.type_vocab_size,
            "num_labels": self.num_labels,
        }

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


CATALOGUE: Mapping[str, CatalogueEntry] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            CatalogueEntry("minilm", "all-MiniLM-L6-v2: 6 layers, hidden size 384", 6, 384, 12, 1536),
            CatalogueEntry(
                "bert-large", "bert-large-uncased: 24 layers, hidden size 1024", 24, 1024, 16, 4096
            ),
            CatalogueEntry("tiny", "for tests: 2 layers, hidden size 64", 2, 64, 2, 256),
        )
    }
)


def find(name: str) -> CatalogueEntry:
    """Look up a name; `UsageError` where there is none."""
    if name not in CATALOGUE:
        raise unknown(name)
    return CATALOGUE[name]


def unknown(name: str) -> UsageError:
    """Make the error for a name that is not in the catalogue, with the nearest one and the list."""
    near = difflib.get_close_matches(name.lower(), CATALOGUE, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return UsageError(
        f"no model is called {name!r}",
        hint=f"{guess}models: {', '.join(CATALOGUE)}; or give the path of an .onnx file",
    )
