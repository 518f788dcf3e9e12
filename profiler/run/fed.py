"""inputs.json: what sessions were fed with, for what a number says can decide how much work there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from profiler import files
from profiler.run.json_document import read
from profiler.run.ranges import Count
from profiler.spec.inputs import Order

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "ortprof.inputs/1"
MADE_UP = "made up: "
"""What a source begins with that nobody named (`profiler/workload/inputs.py` writes it)."""
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Text = Annotated[str, msgspec.Meta(max_length=1 << 16)]


class FedTensor(msgspec.Struct, frozen=True):
    """One input of a model."""

    name: Text
    type: Text
    """As ONNX Runtime names it: `tensor(int64)`."""
    source: Text
    """`file`, a distribution with its numbers, or `made up: ` and how."""

    @property
    def made_up(self) -> bool:
        """Whether nobody said what it holds."""
        return self.source.startswith(MADE_UP)


class FedSet(msgspec.Struct, frozen=True):
    """Values for all inputs, as one request is fed with."""

    sha256: Sha256
    """Of names, types, shapes and values."""
    shapes: dict[Text, list[Count]]
    """By input; of a sequence, how many it has."""


class Fed(msgspec.Struct, frozen=True):
    """All that one session was fed with. A request says which set it had, by its position."""

    order: Order
    sha256: Sha256
    """Of all sets in their order."""
    tensors: list[FedTensor]
    sets: Annotated[list[FedSet], msgspec.Meta(min_length=1)]
    model: str = ""

    @property
    def digest(self) -> InputDigest:
        """What tells these inputs from others."""
        made_up = [tensor.name for tensor in self.tensors if tensor.made_up]
        return InputDigest(model=self.model, sha256=self.sha256, sets=len(self.sets), made_up=made_up)


class InputDigest(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one session's inputs from others': two runs with the same were fed alike."""

    model: str
    sha256: Sha256
    sets: Count
    made_up: list[Text] = []
    """Inputs that nobody said the values of."""


class InputsDocument(msgspec.Struct, frozen=True):
    """inputs.json."""

    sessions: list[Fed]
    schema: str = SCHEMA


def write_inputs(path: Path, sessions: list[Fed]) -> None:
    """Write inputs.json; `NotWrittenError` when it can't be written."""
    files.write_json(path, msgspec.to_builtins(InputsDocument(sessions)))


def read_inputs(path: Path) -> list[Fed]:
    """Read inputs.json, empty where there is none; `UsageError` where it is something else."""
    if not path.exists():
        return []  # earlier versions wrote none
    document: InputsDocument = read(path, InputsDocument)
    return document.sessions
