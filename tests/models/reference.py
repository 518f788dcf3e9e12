"""BERT for sequence classification in plain numpy and float64, after the papers rather than the graph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from profiler.arrays import Floats, Int64s

    Doubles = Floats
    Tensors = Mapping[str, npt.NDArray[np.float32]]
    Tokens = Int64s

_erf = np.vectorize(math.erf)


def logits(tensors: Tensors, feed: Mapping[str, Tokens], *, layers: int, heads: int) -> Doubles:
    """[batch, labels] for weights under transformers' names. https://arxiv.org/abs/1810.04805"""
    table = "bert.embeddings"
    x = (
        tensors[f"{table}.word_embeddings.weight"].astype(np.float64)[feed["input_ids"]]
        + tensors[f"{table}.token_type_embeddings.weight"][feed["token_type_ids"]]
        + tensors[f"{table}.position_embeddings.weight"][: feed["input_ids"].shape[1]]
    )
    x = _norm(x, tensors, f"{table}.LayerNorm")
    for index in range(layers):
        layer = f"bert.encoder.layer.{index}"
        attended = _attention(x, feed["attention_mask"], tensors, f"{layer}.attention.self", heads)
        attended = _linear(attended, tensors, f"{layer}.attention.output.dense")
        x = _norm(x + attended, tensors, f"{layer}.attention.output.LayerNorm")
        inner = _linear(x, tensors, f"{layer}.intermediate.dense")
        inner = inner * (1 + _erf(inner / math.sqrt(2))) / 2
        x = _norm(x + _linear(inner, tensors, f"{layer}.output.dense"), tensors, f"{layer}.output.LayerNorm")
    pooled = np.tanh(_linear(x[:, 0], tensors, "bert.pooler.dense"))
    return _linear(pooled, tensors, "classifier")


def _linear(x: Doubles, tensors: Tensors, name: str) -> Doubles:
    return np.asarray(x @ tensors[f"{name}.weight"].T.astype(np.float64) + tensors[f"{name}.bias"])


def _norm(x: Doubles, tensors: Tensors, name: str) -> Doubles:
    centred = x - x.mean(-1, keepdims=True)
    normal = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return np.asarray(normal * tensors[f"{name}.weight"] + tensors[f"{name}.bias"])


def _attention(x: Doubles, mask: Tokens, tensors: Tensors, name: str, heads: int) -> Doubles:
    batch, length, width = x.shape

    def split(part: str) -> Doubles:
        projected = _linear(x, tensors, f"{name}.{part}")
        return projected.reshape(batch, length, heads, width // heads).transpose(0, 2, 1, 3)

    scores = split("query") @ split("key").swapaxes(-1, -2) / math.sqrt(width // heads)
    weights = np.exp(scores) * mask[:, None, None, :].astype(np.float64)
    weights = weights / weights.sum(-1, keepdims=True)
    return np.asarray((weights @ split("value")).transpose(0, 2, 1, 3).reshape(batch, length, width))
