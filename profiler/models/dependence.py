"""Which inputs of a model decide, by their values, how much work there is: loops, branches, lengths.

Values and shapes of inputs are followed through the graph. What an operator makes of a tensor's *shape* does
not depend on what it holds; where a value becomes a trip count, a condition or a size, the input is named.
Semantics of operators: https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from onnx import AttributeProto

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from onnx import GraphProto, NodeProto

    from profiler.models.graph_reading import Graph

Names = frozenset[str]
NOTHING: Names = frozenset()
FINDERS = {"NonZero": (0,), "Unique": (0,), "Compress": (1,), "NonMaxSuppression": (0, 1, 2, 3, 4)}
"""Operators whose output is as long as what they find, with the inputs that they look at."""
SIZES = {
    "CenterCropPad": (1,), "ConstantOfShape": (0,), "Expand": (1,), "MaxUnpool": (2,), "OneHot": (1,),
    "Pad": (1,), "Range": (0, 1, 2), "Reshape": (1,), "Resize": (1, 2, 3), "Slice": (1, 2, 3, 4),
    "Split": (1,), "SplitToSequence": (1,), "Tile": (1,), "TopK": (1,), "Upsample": (1,),
}  # fmt: skip
"""Operators that take a size, or what becomes one, with those inputs."""
SAME_VALUES = {"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
LOOKUPS = {"Gather", "GatherElements"}
ROUNDS = 3
"""How often a body is followed: what a round finds out flows into the next through carried values."""


@dataclass(frozen=True, slots=True, order=True)
class Dependence:
    """An input whose values decide about the work."""

    input: str
    operator: str

    @property
    def words(self) -> str:
        """What the input decides, as an end of a sentence."""
        if self.operator in ("Loop", "Scan"):
            return f"how often a {self.operator} runs"
        if self.operator == "If":
            return "which branch an If takes"
        if self.operator in FINDERS:
            return f"how much {self.operator} finds"
        return f"a size, at {self.operator}"


@dataclass(frozen=True, slots=True)
class _Tensor:
    """The inputs on whose values a tensor's values and its shape depend."""

    values: Names = NOTHING
    shape: Names = NOTHING


@dataclass(slots=True)
class Findings:
    """What the values of a model's inputs are for."""

    dependences: set[Dependence] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)
    """Of inputs that index a table of constants: its rows, the fewest where there are several."""

    def decides(self, inputs: Names, operator: str) -> None:
        """Note that values decide about an operator's work."""
        self.dependences |= {Dependence(name, operator) for name in inputs}


def follow_inputs(graph: Graph) -> Findings:
    """Return what the values of a graph's inputs decide."""
    findings = Findings()
    names = [node.name for node in graph.inputs]
    tensors = {name: _Tensor(frozenset([name])) for name in names}
    _Walk(graph, findings).follow(graph.nodes, tensors, {name: name for name in names})
    return findings


class _Walk:
    def __init__(self, graph: Graph, findings: Findings) -> None:
        self._constants = graph.constants
        self._findings = findings

    def follow(self, nodes: Iterable[NodeProto], tensors: dict[str, _Tensor], same: dict[str, str]) -> None:
        """Follow nodes in their order; `same` are tensors that hold an input's own values."""
        for node in nodes:
            if node.op_type in SAME_VALUES and node.input and node.input[0] in same:
                same[node.output[0]] = same[node.input[0]]
            self._note_table(node, same)
            given = [tensors.get(name, _Tensor()) for name in node.input]
            made = self._made(node, given, tensors, same)
            tensors.update(zip(node.output, made, strict=False))

    def _note_table(self, node: NodeProto, same: dict[str, str]) -> None:
        if node.op_type not in LOOKUPS or len(node.input) < 2:  # noqa: PLR2004 - data and indices
            return
        table, index = self._constants.get(node.input[0]), same.get(node.input[1])
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        if table and index is not None and -len(table) <= axis < len(table):
            rows = self._findings.rows
            rows[index] = min(table[axis], rows.get(index, table[axis]))

    def _made(
        self, node: NodeProto, given: list[_Tensor], tensors: dict[str, _Tensor], same: dict[str, str]
    ) -> list[_Tensor]:
        """Return what a node makes, an entry an output."""
        kind, count = node.op_type, len(node.output)
        values, shape = _union(t.values for t in given), _union(t.shape for t in given)
        if kind in ("Shape", "Size"):
            return [_Tensor(shape)] * count
        if kind == "If":
            return self._branches(node, given, tensors, same)
        if kind in ("Loop", "Scan"):
            return self._rounds(node, given, tensors, same)
        places = FINDERS.get(kind, SIZES.get(kind, ()))
        decisive = _union(given[place].values for place in places if place < len(given))
        self._findings.decides(decisive, kind)
        return [_Tensor(values | shape if kind in FINDERS else values, shape | decisive)] * count

    def _branches(
        self, node: NodeProto, given: list[_Tensor], tensors: dict[str, _Tensor], same: dict[str, str]
    ) -> list[_Tensor]:
        condition = given[0].values
        self._findings.decides(condition, "If")
        ends = [self._body(body, tensors, same) for body in _bodies(node)]
        return [
            _Tensor(condition | _union(t.values for t in made), condition | _union(t.shape for t in made))
            for made in zip(*ends, strict=False)
        ]

    def _rounds(
        self, node: NodeProto, given: list[_Tensor], tensors: dict[str, _Tensor], same: dict[str, str]
    ) -> list[_Tensor]:
        """Follow a Loop's or a Scan's body until what it carries says nothing new."""
        loop = node.op_type == "Loop"
        decisive = _union(t.values for t in given[:2]) if loop else NOTHING
        carried = given[2:] if loop else given
        ends: list[_Tensor] = []
        for body in _bodies(node):
            names = [entry.name for entry in body.input][2 if loop else 0 :]
            for _ in range(ROUNDS):
                ends = self._body(body, {**tensors, **dict(zip(names, carried, strict=False))}, same)
                if loop:
                    decisive |= _union(t.values for t in ends[:1])
                    ends = ends[1:]
                carried = [
                    _Tensor(before.values | after.values, before.shape | after.shape)
                    for before, after in zip(carried, [*ends, *carried[len(ends) :]], strict=False)
                ]
        self._findings.decides(decisive, node.op_type)
        return [_Tensor(end.values | decisive, end.shape | decisive) for end in ends]

    def _body(self, body: GraphProto, tensors: dict[str, _Tensor], same: dict[str, str]) -> list[_Tensor]:
        inside = dict(tensors)
        self.follow(body.node, inside, dict(same))
        return [inside.get(entry.name, _Tensor()) for entry in body.output]


def _bodies(node: NodeProto) -> Iterator[GraphProto]:
    return (attribute.g for attribute in node.attribute if attribute.type == AttributeProto.GRAPH)


def _union(names: Iterable[Names]) -> Names:
    return frozenset().union(*names)
