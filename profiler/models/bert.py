"""BERT for sequence classification as an ONNX graph, without torch.

The operator sequence is that of transformers' `BertForSequenceClassification` (5.x, `sdpa` attention) through
torch's TorchScript exporter at opset 14: seen with transformers 5.23 and torch 2.13, and held to it by
tests/models/test_parity.py. Opset 14 knows no LayerNormalization operator, so it is spelled out; ONNX Runtime
fuses it back from 1.12 on. Every ONNX Runtime since 1.8 loads opset 14 with IR version 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, helper

from profiler.models.attention import Sizes, attention_mask, linear, self_attention, size
from profiler.models.graph import GraphBuilder, Parameter

if TYPE_CHECKING:
    from onnx import ModelProto

    from profiler.models.bert_config import BertConfig

OPSET = 14
IR_VERSION = 7


@dataclass(frozen=True, slots=True)
class BertGraph:
    """A model without its weights: `model` names the parameters that `parameters` describes."""

    model: ModelProto
    parameters: tuple[Parameter, ...]


def sequence_classification(config: BertConfig) -> BertGraph:
    """Build the graph for a configuration.

    Inputs `input_ids`, `attention_mask`, `token_type_ids` are int64 [batch, sequence], both lengths free;
    the output `logits` is float32 [batch, config.num_labels]. Activation, positions and mask are those of the
    configuration's defaults, whatever it says.
    """
    graph = GraphBuilder()
    with graph.scope("bert"):
        hidden = _embeddings(graph, config)
        mask, sizes = attention_mask(graph, hidden, "attention_mask")
        for index in range(config.num_hidden_layers):
            with graph.scope("encoder", f"layer.{index}"):
                hidden = _layer(graph, config, hidden, mask, sizes if index == 0 else None)
        with graph.scope("pooler"):
            first = graph.op("Gather", hidden, graph.scalar(0), axis=1)
            pooled = _gemm(graph, "dense", first, config.hidden_size, config.hidden_size)
            with graph.scope("activation"):
                pooled = graph.op("Tanh", pooled)
    _gemm(graph, "classifier", pooled, config.hidden_size, config.num_labels, output="logits")
    return BertGraph(_model(graph, config.num_labels), tuple(graph.parameters))


def _model(graph: GraphBuilder, labels: int) -> ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels])
    return helper.make_model(
        helper.make_graph(graph.nodes, "bert-sequence-classification", inputs, [logits]),
        producer_name="ortprof",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )


def _embeddings(graph: GraphBuilder, config: BertConfig) -> str:
    """Add the sum of words, token types and positions, normalised: [B, S, E]."""
    hidden = config.hidden_size
    with graph.scope("embeddings"):
        end = graph.op("Unsqueeze", size(graph, "input_ids", 1), graph.vector(0))
        all_positions = graph.constant(np.arange(config.max_position_embeddings, dtype=np.int64)[None, :])
        start, axis, step = graph.vector(0), graph.vector(1), graph.vector(1)
        positions = graph.op("Slice", all_positions, start, end, axis, step)
        words = _embedding(graph, "word_embeddings", "input_ids", config.vocab_size, hidden)
        types = _embedding(graph, "token_type_embeddings", "token_type_ids", config.type_vocab_size, hidden)
        total = graph.op("Add", words, types)
        places = _embedding(graph, "position_embeddings", positions, config.max_position_embeddings, hidden)
        return _layer_norm(graph, graph.op("Add", total, places), config)


def _layer(graph: GraphBuilder, config: BertConfig, hidden: str, mask: str, sizes: Sizes | None) -> str:
    """Add one encoder layer: [B, S, E] to [B, S, E]."""
    width, inner = config.hidden_size, config.intermediate_size
    with graph.scope("attention", "self"):
        context = self_attention(
            graph, hidden, mask, sizes, heads=config.num_attention_heads, hidden_size=width
        )
    with graph.scope("attention", "output"):
        attended = graph.op("Add", linear(graph, "dense", context, width, width), hidden)
        attended = _layer_norm(graph, attended, config)
    with graph.scope("intermediate"):
        grown = _gelu(graph, linear(graph, "dense", attended, width, inner))
    with graph.scope("output"):
        shrunk = linear(graph, "dense", grown, inner, width)
        return _layer_norm(graph, graph.op("Add", shrunk, attended), config)


def _embedding(graph: GraphBuilder, module: str, index: str, rows: int, width: int) -> str:
    with graph.scope(module):
        return graph.op("Gather", graph.parameter("weight", rows, width), index)


def _layer_norm(graph: GraphBuilder, inputs: str, config: BertConfig) -> str:
    with graph.scope("LayerNorm"):
        centred = graph.op("Sub", inputs, graph.op("ReduceMean", inputs, axes=(-1,)))
        squared = graph.op("Pow", centred, graph.scalar(2.0))
        variance = graph.op("ReduceMean", squared, axes=(-1,))
        deviation = graph.op("Sqrt", graph.op("Add", variance, graph.scalar(config.layer_norm_eps)))
        normal = graph.op("Div", centred, deviation)
        scaled = graph.op("Mul", normal, graph.parameter("weight", config.hidden_size, initial="ones"))
        return graph.op("Add", scaled, graph.parameter("bias", config.hidden_size, initial="zeros"))


def _gelu(graph: GraphBuilder, inputs: str) -> str:
    """Add the exact GELU, x * (1 + erf(x / sqrt(2))) / 2, in the order in which ORT fuses it."""
    with graph.scope("intermediate_act_fn"):
        erf = graph.op("Erf", graph.op("Div", inputs, graph.scalar(math.sqrt(2))))
        doubled = graph.op("Mul", inputs, graph.op("Add", erf, graph.scalar(1.0)))
        return graph.op("Mul", doubled, graph.scalar(0.5))


def _gemm(
    graph: GraphBuilder, module: str, inputs: str, in_size: int, out_size: int, *, output: str | None = None
) -> str:
    """Add a torch `Linear` on [B, in]: a Gemm, which transposes the weight by itself."""
    with graph.scope(module):
        weight = graph.parameter("weight", out_size, in_size)
        bias = graph.parameter("bias", out_size, initial="zeros")
        return graph.op("Gemm", inputs, weight, bias, output=output, transB=1)
