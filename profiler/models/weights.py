"""Where a graph's weights come from: a seeded generator, or a checkpoint's safetensors."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from safetensors import SafetensorError, safe_open

from profiler.errors import UsageError
from profiler.files import not_read, open_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from profiler.models.graph import Parameter

    Float32s: TypeAlias = npt.NDArray[np.float32]

HEAD = "classifier."
"""Parameters that a checkpoint may lack: sentence encoders such as MiniLM come without a classifier."""

LEGACY_NAMES = {".LayerNorm.weight": ".LayerNorm.gamma", ".LayerNorm.bias": ".LayerNorm.beta"}
"""Endings in checkpoints converted from TensorFlow, bert-large-uncased among them."""


class Weights(Protocol):
    """A source of weights."""

    def read(self, parameter: Parameter) -> Float32s:
        """Read the parameter's values, C-contiguous, in `parameter.shape` (the stored one)."""


class SyntheticWeights:
    """Untrained weights as transformers initialises BERT, reproducible for a seed and a numpy release.

    Matrices and embeddings are normal(0, initializer_range), biases 0, layer norms 1 and 0. A parameter's
    values depend on the seed and its name alone, not on the order of reading.
    """

    def __init__(self, seed: str, initializer_range: float) -> None:
        self._seed = seed
        self._range = np.float32(initializer_range)

    def read(self, parameter: Parameter) -> Float32s:
        """See `Weights`."""
        if parameter.initial == "zeros":
            return np.zeros(parameter.shape, np.float32)
        if parameter.initial == "ones":
            return np.ones(parameter.shape, np.float32)
        digest = hashlib.sha256(f"{self._seed}/{parameter.name}".encode()).digest()
        generator = np.random.Generator(np.random.SFC64(int.from_bytes(digest, "little")))
        # float32 from the start and scaled in place: bert-large has 335 million of them.
        values = generator.standard_normal(parameter.shape, dtype=np.float32)
        values *= self._range
        return values


class CheckpointWeights:
    """Weights from a `model.safetensors` of a `BertModel` or a `BertForSequenceClassification`.

    `UsageError` when the file is no such thing, or lacks a parameter other than the classifier's; that one
    is taken from `head`, and `head_missing` is then true.
    """

    def __init__(self, path: Path, parameters: tuple[Parameter, ...], head: Weights) -> None:
        self._file = _open(path)
        self._path = path
        self._head = head
        self._keys = _match(parameters, frozenset(self._file.keys()), path)
        self.head_missing = any(parameter.name not in self._keys for parameter in parameters)

    def read(self, parameter: Parameter) -> Float32s:
        """See `Weights`. `UsageError` when the tensor has another shape or a type that numpy lacks."""
        if parameter.name not in self._keys:
            return self._head.read(parameter)
        key = self._keys[parameter.name]
        try:
            tensor = self._file.get_tensor(key)
        except (TypeError, AttributeError, SafetensorError) as error:  # the second: numpy has no such type
            raise UsageError(
                f"{key} in {self._path} can't be read: {error}",
                hint="convert the checkpoint to float32 first",
            ) from error
        values = np.ascontiguousarray(tensor.T if parameter.transposed else tensor, np.float32)
        if values.shape != parameter.shape:
            wanted = parameter.shape[::-1] if parameter.transposed else parameter.shape
            raise UsageError(f"{key} in {self._path} has shape {tensor.shape}, the model wants {wanted}")
        return values


def _open(path: Path) -> Any:
    try:
        open_regular(path).close()  # safetensors would wait for a FIFO's writer
    except FileNotFoundError:
        raise UsageError(
            f"{path.parent} has no {path.name}",
            hint="weights are read from a single safetensors file, which `save_pretrained` writes",
        ) from None
    except OSError as error:
        raise not_read(path, error) from error
    try:
        return safe_open(path, framework="numpy")
    except (OSError, SafetensorError) as error:
        raise UsageError(f"{path} is no readable safetensors file: {error}") from error


def _match(parameters: tuple[Parameter, ...], keys: frozenset[str], path: Path) -> Mapping[str, str]:
    """Parameter name to key in the file, for all that are there; `UsageError` when too little is."""
    matched = {}
    missing = []
    for parameter in parameters:
        key = next((name for name in _spellings(parameter.name) if name in keys), None)
        if key is not None:
            matched[parameter.name] = key
        elif not parameter.name.startswith(HEAD):
            missing.append(parameter.name)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UsageError(f"{path} lacks {missing[0]}{more}", hint="the checkpoint must be a complete BERT")
    return matched


def _spellings(name: str) -> list[str]:
    """List the keys that a parameter may have: with and without `bert.`, old and new endings."""
    bare = name.removeprefix("bert.")
    names = [name, bare]
    for ending, legacy in LEGACY_NAMES.items():
        if name.endswith(ending):
            names += [key.removesuffix(ending) + legacy for key in (name, bare)]
    return names
