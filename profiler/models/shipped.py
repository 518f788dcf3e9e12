"""The models that ortprof knows by name. Data alone: nothing here imports numpy or onnx."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.models.bert_config import BertConfig

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A BERT for sequence classification."""

    name: str
    meaning: str
    """One line for a list of models."""
    config: BertConfig


CATALOGUE: Mapping[str, CatalogueEntry] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            CatalogueEntry(
                "minilm",
                "all-MiniLM-L6-v2: 6 layers, hidden size 384",
                BertConfig(
                    num_hidden_layers=6, hidden_size=384, num_attention_heads=12, intermediate_size=1536
                ),
            ),
            CatalogueEntry(
                "bert-large",
                "bert-large-uncased: 24 layers, hidden size 1024",
                BertConfig(
                    num_hidden_layers=24, hidden_size=1024, num_attention_heads=16, intermediate_size=4096
                ),
            ),
            CatalogueEntry(
                "tiny",
                "for tests: 2 layers, hidden size 64",
                BertConfig(num_hidden_layers=2, hidden_size=64, num_attention_heads=2, intermediate_size=256),
            ),
        )
    }
)


def find(name: str) -> CatalogueEntry:
    """Look up a name; `UsageError` where there is none."""
    if name not in CATALOGUE:
        raise unknown(name, files=False)
    return CATALOGUE[name]


def unknown(name: str, *, files: bool) -> UsageError:
    """Make the error for a name that is not in the catalogue, with the nearest one and the list.

    `files` where a file could have been given instead.
    """
    near = difflib.get_close_matches(name.lower(), CATALOGUE, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return UsageError(
        f"no model is called {name!r}",
        hint=f"{guess}models: {', '.join(CATALOGUE)}{'; or give the path of an .onnx file' if files else ''}",
    )
