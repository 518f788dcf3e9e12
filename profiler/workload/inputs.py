"""Arrays for any input: made from the type and shape that a graph declares, or drawn as the user says."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from .elements import BFLOAT16, STRING, InputError

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
MADE_UP = "made up: "
"""What the words for an input begin with whose values nobody named."""


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


def held_as(kind: str) -> Any:
    """Return the dtype that holds a tensor type's values; None for a type that we can't make."""
    if kind == BFLOAT16:
        return np.dtype(np.uint16)
    return np.dtype(NUMPY_TYPES[kind]) if kind in NUMPY_TYPES else None


def values_for(
    name: str, kind: str, shape: Sequence[int], generator: Any, asked: Optional[Sequence[Any]] = None
) -> Tuple[Any, str]:
    """Return an array for one input, and its distribution in words; `InputError` where we can't make it.

    `asked` is a distribution by name with its numbers. Without, integers are 0 or 1, because most are indices
    into a table whose size the graph does not tell; masks are all ones, so that nothing is skipped.
    """
    if kind.startswith("optional("):
        return None, MADE_UP + "left out"
    if kind == STRING and asked is None:
        return np.full(shape, "ortprof", dtype=object), MADE_UP + "the text 'ortprof'"
    dtype = held_as(kind)
    if kind.startswith("seq("):
        message = "input {!r} has type {}, which can't be made up: --inputs FILE.npz gives it as '{}/0' ..."
        raise InputError(message.format(name, kind, name))
    if dtype is None:
        raise InputError("input {!r} has type {}, which can't be made up".format(name, kind))
    if asked is not None:
        words = "{}({})".format(asked[0], ", ".join("{:g}".format(number) for number in asked[1:]))
        return _cast(_drawn(name, kind, shape, generator, asked), kind), words
    if "mask" in name.lower():
        return _cast(np.ones(shape), kind), MADE_UP + "ones"
    if dtype.kind == "f" or kind == BFLOAT16:
        return _cast(generator.standard_normal(shape), kind), MADE_UP + "standard normal"
    return generator.integers(0, 2, shape).astype(dtype), MADE_UP + "0 or 1"


def _drawn(name: str, kind: str, shape: Sequence[int], generator: Any, asked: Sequence[Any]) -> Any:
    """Return float64 or int64 values of a distribution; a `uniform` one holds its lower bound only."""
    word, numbers = asked[0], asked[1:]
    whole = np.dtype(NUMPY_TYPES.get(kind, np.float32)).kind in "iu"
    if whole:
        bounds = np.iinfo(NUMPY_TYPES[kind])
        reach = {"uniform": numbers, "constant": numbers}.get(word, ())
        if any(number < bounds.min or number > int(bounds.max) + (word == "uniform") for number in reach):
            message = "input {!r} has type {}: {:g} does not fit"
            raise InputError(message.format(name, kind, max(reach, key=abs)))
    if word == "constant":
        return np.full(shape, numbers[0])
    if word == "normal":
        drawn = generator.normal(numbers[0], numbers[1], shape)
        return np.clip(np.rint(drawn), bounds.min, bounds.max) if whole else drawn
    if whole or kind == "tensor(bool)":
        return generator.integers(int(numbers[0]), int(numbers[1]), shape, dtype=np.int64)
    return generator.uniform(numbers[0], numbers[1], shape)


def _cast(values: Any, kind: str) -> Any:
    return bfloat16_bits(values) if kind == BFLOAT16 else values.astype(NUMPY_TYPES[kind])


def bfloat16_bits(values: Any) -> Any:
    """Return the bits of values as bfloat16: float32's upper half, rounded to nearest, ties to even."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def require_dims(declared: Sequence[Any], dims: Dict[str, int]) -> None:
    """Raise `InputError` for a size of a dimension that no input has."""
    symbolic = {size for node in declared for size in node.shape if isinstance(size, str)}
    for name in dims:
        if name not in symbolic:
            known = ", ".join(sorted(symbolic)) or "none"
            raise InputError("no input has a dimension {!r}; symbolic dimensions: {}".format(name, known))
