"""What a model wants to be fed with, and an example of options that does it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx import TensorProto

from profiler.models.dependence import follow_inputs
from profiler.models.graph_reading import read_graph

if TYPE_CHECKING:
    from pathlib import Path

    from onnx import TypeProto, ValueInfoProto

    from profiler.models.dependence import Dependence, Findings

MADE_UP_ROWS = 2
"""Integers are made up as 0 or 1: of a table with more rows they look up the first two alone."""

SEQUENCE, OPTIONAL = "seq(", "optional("
EXAMPLE_FILE = "inputs.npz"
OPEN_SIZE = 8
NUMPY_NAMES = {"float": "float32", "double": "float64"}
"""Element types that NumPy calls otherwise."""


@dataclass(frozen=True, slots=True)
class WantedInput:
    """One input of a model."""

    name: str
    type: str
    """As ONNX Runtime names it: `tensor(int64)`."""
    shape: tuple[int | str, ...]
    """Sizes, or names of sizes that the model leaves open; `?` for one without a name."""
    rows: int | None
    """Of the smallest table that it indexes; None where it indexes none that the graph holds."""
    decides: tuple[Dependence, ...]
    """What its values decide about how much work there is."""

    @property
    def shape_words(self) -> str:
        """The shape as people read it: `batch x 128`; of a sequence, that of its tensors as far as known."""
        sizes = " x ".join(map(str, self.shape))
        if self.type.startswith(SEQUENCE):
            return f"tensors of {sizes}" if sizes else "tensors"
        return sizes or ("any" if self.type.startswith(OPTIONAL) else "one value")

    @property
    def suggestion(self) -> str:
        """Values that come nearer to a service's than made-up ones, as --input takes them; empty for none."""
        if self.rows is not None and self.rows > MADE_UP_ROWS:
            return f"{self.name}=uniform(0,{self.rows})"
        return (
            f"{self.name}=constant(1)"
            if self.decides and not self.type.startswith((SEQUENCE, OPTIONAL))
            else ""
        )


def wanted_inputs(model: Path) -> list[WantedInput]:
    """Return a model's inputs; errors are those of `read_graph`."""
    graph = read_graph(model)
    findings = follow_inputs(graph)
    return [_wanted(declared, findings) for declared in graph.inputs]


def example(model: str, wanted: list[WantedInput]) -> str:
    """Return a command that records a model with inputs like a service's, as one types it.

    Sequences come from a file, which a command before it writes.
    """
    options = [part for tensor in wanted if tensor.suggestion for part in ("--input", tensor.suggestion)]
    parts = [
        f"{tensor.name + '/0'!r}: {_ones(tensor)}" for tensor in wanted if tensor.type.startswith(SEQUENCE)
    ]
    record = ["ortprof", "record", "--model", model, *options, *(["--inputs", EXAMPLE_FILE] if parts else [])]
    if not parts:
        return shlex.join(record)
    written = f"import numpy; numpy.savez({_text(EXAMPLE_FILE)}, **{{{', '.join(parts)}}})"
    return f"{shlex.join(['python', '-c', written])} && {shlex.join(record)}"


def _ones(tensor: WantedInput) -> str:
    """Return Python that makes one tensor of a sequence, with a size where the model leaves one open."""
    shape = tuple(size if isinstance(size, int) else OPEN_SIZE for size in tensor.shape) or (OPEN_SIZE,)
    element = tensor.type.removeprefix(SEQUENCE).removesuffix(")").removeprefix("tensor(").removesuffix(")")
    if element == "string":
        return f"numpy.full({shape}, {_text('ortprof')})"
    return f"numpy.ones({shape}, {_text(NUMPY_NAMES.get(element, element))})"


def _text(text: str) -> str:
    """Return a text as Python has it, in the quotes that a shell's leave alone."""
    return json.dumps(text)


def _wanted(declared: ValueInfoProto, findings: Findings) -> WantedInput:
    tensor = declared.type.tensor_type
    if declared.type.HasField("optional_type"):
        tensor = declared.type.optional_type.elem_type.tensor_type
    elif declared.type.HasField("sequence_type"):
        tensor = declared.type.sequence_type.elem_type.tensor_type
    return WantedInput(
        name=declared.name,
        type=_type_name(declared.type),
        shape=tuple(
            size.dim_value if size.HasField("dim_value") else size.dim_param or "?"
            for size in tensor.shape.dim
        ),
        rows=findings.rows.get(declared.name),
        decides=tuple(sorted(d for d in findings.dependences if d.input == declared.name)),
    )


def _type_name(declared: TypeProto) -> str:
    if declared.HasField("sequence_type"):
        return f"seq({_type_name(declared.sequence_type.elem_type)})"
    if declared.HasField("optional_type"):
        return f"optional({_type_name(declared.optional_type.elem_type)})"
    if declared.HasField("tensor_type"):
        return f"tensor({TensorProto.DataType.Name(declared.tensor_type.elem_type).lower()})"
    return str(declared.WhichOneof("value"))
