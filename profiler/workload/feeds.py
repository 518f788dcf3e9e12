"""The sets of inputs that a session is fed with: made before the first request, told in full, hashed."""

from __future__ import annotations

import hashlib
import random
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import numpy as np

from .elements import BFLOAT16, STRING, InputError
from .inputs import held_as, require_dims, shape_of, values_for

DRAWN_LENGTHS = 256
"""How many lengths are drawn where `tokens` is a range; requests go through them again and again."""
MOST_BYTES = 1 << 28
"""What the made sets may take together: where inputs are large, there are fewer of them."""

Feed = Dict[str, Any]


class Feeds:
    """Sets of inputs by name, and where each input's values are from."""

    def __init__(self, declared: Sequence[Any], command: Dict[str, Any]) -> None:
        """Make or read the sets that an `open` command asks for; `InputError` names what can't be had."""
        require_dims(declared, command["dims"])
        self._declared = declared
        self._sources: Dict[str, str] = {}
        self._require_known([*command["named"], *(name for keys in command["sets"] for name in keys)])
        self.order = command["order"]
        generator = np.random.default_rng(command["seed"])
        files = _read(command)
        self.sets: List[Feed] = []
        size = 0
        for number, tokens in enumerate(_lengths(command)):
            given = files[number % len(files)] if files else {}
            made = self._make(given, tokens, command, generator)
            size += sum(_size(value) for value in made.values())
            if self.sets and size > MOST_BYTES and number >= len(files):
                break
            self.sets.append(made)

    def _require_known(self, names: Iterable[str]) -> None:
        known = [node.name for node in self._declared]
        for name in names:
            if name not in known:
                raise InputError("the model has no input {!r}; it has {}".format(name, ", ".join(known)))

    def _make(self, given: Feed, tokens: int, command: Dict[str, Any], generator: Any) -> Feed:
        made = {}
        for node in self._declared:
            if node.name in given:
                made[node.name] = _fitting(node, given[node.name])
                self._sources[node.name] = "file"
                continue
            shape = shape_of(node.shape, command["batch"], tokens, command["dims"])
            try:
                values, words = values_for(
                    node.name, node.type, shape, generator, command["named"].get(node.name)
                )
            except (MemoryError, OverflowError, ValueError) as error:
                message = "input {!r} of shape {} can't be made: {}".format(node.name, shape, error)
                raise InputError(message) from error
            made[node.name] = values
            self._sources[node.name] = words
        return made

    def described(self) -> Dict[str, Any]:
        """Return what was made, as JSON: tensors by name, shapes by set, and hashes of all bytes."""
        hashes = [_hash(feed) for feed in self.sets]
        return {
            "order": self.order,
            "sha256": hashlib.sha256("".join([self.order, *hashes]).encode()).hexdigest(),
            "tensors": [
                {"name": node.name, "type": node.type, "source": self._sources[node.name]}
                for node in self._declared
            ],
            "sets": [
                {"sha256": digest, "shapes": {name: _shape(value) for name, value in feed.items()}}
                for digest, feed in zip(hashes, self.sets)
            ],
        }


def _lengths(command: Dict[str, Any]) -> List[int]:
    """Return the `tokens` of each set: one, one a file, or lengths drawn from the range, each as likely."""
    least, most = command["tokens"], command["most_tokens"]
    if most is None:
        return [least] * max(1, len(command["sets"]))
    generator = random.Random(command["seed"])  # noqa: S311 - lengths, not a secret
    return [generator.randint(least, most) for _ in range(max(DRAWN_LENGTHS, len(command["sets"])))]


def _read(command: Dict[str, Any]) -> List[Feed]:
    """Return the sets of the file that the parent has read, checked and written for us."""
    if command["files"] is None:
        return []
    with np.load(command["files"], allow_pickle=False) as stored:
        return [
            {
                name: [stored[key] for key in keys] if isinstance(keys, list) else stored[keys]
                for name, keys in keys_by_name.items()
            }
            for keys_by_name in command["sets"]
        ]


def _fitting(node: Any, value: Any) -> Any:
    """Return a file's value as ONNX Runtime takes it; `InputError` where type or shape are others."""
    kind = node.type
    if kind.startswith("optional("):
        kind = kind[len("optional(") : -1]
    if kind.startswith("seq("):
        parts = value if isinstance(value, list) else [value]
        return [_tensor(node.name, kind[len("seq(") : -1], part) for part in parts]
    if isinstance(value, list):
        raise InputError("input {!r} is {}, no sequence: it takes one array".format(node.name, node.type))
    array = _tensor(node.name, kind, value)
    sizes = list(array.shape)
    fits = len(sizes) == len(node.shape) and all(
        not isinstance(wanted, int) or wanted < 0 or wanted == size for wanted, size in zip(node.shape, sizes)
    )
    if not fits:
        raise InputError("input {!r} has shape {}, the file's is {}".format(node.name, node.shape, sizes))
    return array


def _tensor(name: str, kind: str, array: Any) -> Any:
    if kind == STRING and array.dtype.kind in "US":
        return array.astype(str).astype(object)
    wanted = held_as(kind)
    if kind == BFLOAT16 and array.dtype.kind == "V" and array.dtype.itemsize == wanted.itemsize:
        return array.view(wanted)  # how NumPy stores a type that it does not know
    if wanted is None or array.dtype != wanted or kind == BFLOAT16:
        raise InputError("input {!r} is {}, the file's is {}".format(name, kind, array.dtype))
    return np.ascontiguousarray(array) if array.ndim else array


def _shape(value: Any) -> List[int]:
    if isinstance(value, list):
        return [len(value)]
    return [] if value is None else list(value.shape)


def _size(value: Any) -> int:
    parts = value if isinstance(value, list) else [] if value is None else [value]
    return sum(part.nbytes for part in parts)


def _hash(feed: Feed) -> str:
    """Return the sha256 of names, types, shapes and values."""
    digest = hashlib.sha256()
    for name, value in feed.items():
        parts: Tuple[Any, ...] = tuple(value) if isinstance(value, list) else (value,)
        for part in parts:
            digest.update(repr((name, None if part is None else (part.dtype.str, part.shape))).encode())
            if part is not None:
                plain = part.astype("U") if part.dtype.kind == "O" else part
                digest.update(np.ascontiguousarray(plain).tobytes())
    return digest.hexdigest()
