"""Collects an ONNX graph's nodes, naming them after the module tree as torch's exporter does."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from onnx import NodeProto

Initial = Literal["normal", "zeros", "ones"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A weight tensor of the graph (float32)."""

    name: str
    """As in the state dict of transformers' `BertForSequenceClassification`."""
    shape: tuple[int, ...]
    """As the graph holds it: a `transposed` parameter is stored [in, out], its state dict has [out, in]."""
    initial: Initial
    """How it begins before any training."""
    transposed: bool = False


class GraphBuilder:
    """Nodes and parameters in the order of a forward pass.

    Scopes mirror the module tree. They name nodes (`/bert/pooler/dense/Gemm`), their outputs
    (`/bert/pooler/dense/Gemm_output_0`) and parameters (`bert.pooler.dense.weight`), so that operators in
    a profile of this graph bear the names that they have in a real export.
    """

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.parameters: list[Parameter] = []
        self._scope: tuple[str, ...] = ()
        self._used: Counter[str] = Counter()

    @contextlib.contextmanager
    def scope(self, *modules: str) -> Iterator[None]:
        """Within the block, names begin with these modules."""
        outer = self._scope
        self._scope = (*outer, *modules)
        try:
            yield
        finally:
            self._scope = outer

    def op(
        self, op_type: str, *inputs: str, output: str | None = None, **attributes: int | tuple[int, ...]
    ) -> str:
        """Add a node with one output; return the output's name."""
        name = self._name(op_type)
        result = output or f"{name}_output_0"
        self.nodes.append(helper.make_node(op_type, list(inputs), [result], name=name, **attributes))
        return result

    def tensor_op(self, op_type: str, *inputs: str, value: npt.NDArray[np.generic]) -> str:
        """Add a node whose `value` attribute is a tensor: Constant, ConstantOfShape."""
        name = self._name(op_type)
        self.nodes.append(
            helper.make_node(
                op_type, list(inputs), [f"{name}_output_0"], name=name, value=numpy_helper.from_array(value)
            )
        )
        return f"{name}_output_0"

    def scalar(self, value: float) -> str:
        """Add a scalar constant: int64 for an int, float32 for a float.

        Every use has a constant of its own, as in an export: sharing them lets ORT merge more nodes.
        """
        return self.constant(np.array(value, np.int64 if isinstance(value, int) else np.float32))

    def vector(self, *values: float) -> str:
        """Add a one-dimensional constant: int64 for ints, float32 for floats."""
        whole = all(isinstance(value, int) for value in values)
        return self.constant(np.array(values, np.int64 if whole else np.float32))

    def constant(self, value: npt.NDArray[np.generic]) -> str:
        """Add a constant of any shape and type."""
        return self.tensor_op("Constant", value=value)

    def parameter(self, name: str, *shape: int, initial: Initial = "normal", transposed: bool = False) -> str:
        """Declare a parameter of the current module; return its name. `shape` is the stored one."""
        full_name = ".".join((*self._scope, name))
        self.parameters.append(Parameter(full_name, shape, initial, transposed))
        return full_name

    def _name(self, op_type: str) -> str:
        base = "/".join(("", *self._scope, op_type))
        number = self._used[base]
        self._used[base] += 1
        return f"{base}_{number}" if number else base
