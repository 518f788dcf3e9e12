"""Inputs for any model, made from the types and shapes that its graph declares."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Union

import numpy as np

NUMPY_TYPES = {
    "tensor(bool)": np.bool_,
    "tensor(double)": np.float64,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(int8)": np.int8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
    "tensor(uint8)": np.uint8,
}


class InputError(Exception):
    """An input that can't be made; the message names it."""


def shape_of(
    declared: Sequence[Union[int, str, None]], batch: int, tokens: int, dims: Dict[str, int]
) -> List[int]:
    """Return sizes for a declared shape.

    A symbolic dimension takes the size that `dims` gives its name, else `batch` when it is the first or
    says so, else `tokens`. Fixed sizes stay.
    """
    sizes = []
    for axis, size in enumerate(declared):
        if isinstance(size, int) and size >= 0:
            sizes.append(size)
        elif isinstance(size, str) and size in dims:
            sizes.append(dims[size])
        elif axis == 0 or (isinstance(size, str) and "batch" in size.lower()):
            sizes.append(batch)
        else:
            sizes.append(tokens)
    return sizes


def values_for(name: str, kind: str, shape: Sequence[int], generator: Any) -> Any:
    """Return an array for one input; `InputError` for a type that we can't make.

    Integers are 0 or 1, because most are indices into a table whose size the graph does not tell; masks
    are all ones, so that nothing is skipped.
    """
    if kind == "tensor(string)":
        return np.full(shape, "ortprof", dtype=object)
    if kind not in NUMPY_TYPES:
        raise InputError("input {!r} has type {}, which can't be made up".format(name, kind))
    dtype = np.dtype(NUMPY_TYPES[kind])
    if "mask" in name.lower():
        return np.ones(shape, dtype)
    if dtype.kind == "f":
        return generator.standard_normal(shape).astype(dtype)
    return generator.integers(0, 2, shape).astype(dtype)


def make_inputs(
    declared: Sequence[Any], batch: int, tokens: int, dims: Dict[str, int], seed: int
) -> Dict[str, Any]:
    """Return arrays by input name for `InferenceSession.get_inputs()`.

    `InputError` names an input that can't be made, or a name in `dims` that no input has.
    """
    symbolic = {size for node in declared for size in node.shape if isinstance(size, str)}
    for name in dims:
        if name not in symbolic:
            known = ", ".join(sorted(symbolic)) or "none"
            raise InputError("no input has a dimension {!r}; symbolic dimensions: {}".format(name, known))
    generator = np.random.default_rng(seed)
    feed = {}
    for node in declared:
        shape = shape_of(node.shape, batch, tokens, dims)
        try:
            feed[node.name] = values_for(node.name, node.type, shape, generator)
        except (MemoryError, OverflowError, ValueError) as error:
            message = "input {!r} of shape {} can't be made: {}".format(node.name, shape, error)
            raise InputError(message) from error
    return feed
