"""What a model is fed with: files of the user's, distributions, or what is made up from type and shape."""

from __future__ import annotations

import os
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from profiler.errors import UsageError
from profiler.spec.ranges import SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ARRAY_SUFFIX = ".npy"
DRAWN = re.compile(r"([a-z]+)\(([^()]*)\)")
SPAN = re.compile(r"(\d{1,9})(?:\.\.(\d{1,9}))?")
EXAMPLES = "for example --input ids=uniform(0,30522) or --input ids=ids.npy"
LARGEST = 1e30
Finite = Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]


class Distribution(str, Enum):
    """Where an input's values are drawn from."""

    UNIFORM = "uniform"
    """From the first number, included, to the second, excluded; whole numbers for integers."""
    NORMAL = "normal"
    """Mean and standard deviation; rounded for integers."""
    CONSTANT = "constant"
    """One number everywhere."""

    @property
    def arguments(self) -> int:
        """How many numbers it takes."""
        return 1 if self is Distribution.CONSTANT else 2


class Order(str, Enum):
    """Which of several sets of inputs a request is fed with."""

    CYCLED = "cycled"
    """One after the other, and again from the first."""
    DRAWN = "drawn"
    """Any, drawn by the seed."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the values of one input are from: a .npy file, or a distribution with its numbers."""

    file: str = ""
    distribution: Distribution | None = None
    numbers: tuple[Finite, ...] = ()

    def absolute(self) -> Source:
        """Return it with the full path of its file."""
        return Source(file=os.path.realpath(self.file)) if self.file else self

    @property
    def words(self) -> str:
        """As it is written: `uniform(0,30522)`, `ids.npy`."""
        if self.distribution is None:
            return Path(self.file).name
        return f"{self.distribution.value}({','.join(f'{number:g}' for number in self.numbers)})"


class Inputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a session is fed with; what nothing is said of is made up from its type and shape."""

    files: str = ""
    """An .npz file, or a folder of them: a set of inputs each, in the order of their names."""
    order: Order = Order.CYCLED
    named: dict[str, Source] = {}
    """Single inputs by name; they win over `files`."""


def parse_input(text: str, origin: str = "") -> tuple[str, Source]:
    """Return what `NAME=FILE.npy` or `NAME=uniform(0,30522)` says; `UsageError` where it says neither.

    `origin` is where it stands; `--input` and the text itself where that is empty.
    """
    try:
        return _parsed(text)
    except UsageError as error:
        if not origin:
            raise
        raise UsageError(f"{origin}: {error.message.removeprefix('--input ')}", hint=error.hint) from error


def parse_inputs(named: Mapping[str, str]) -> dict[str, Source]:
    """Return what a table of inputs says, by name; errors as `parse_input`."""
    return dict(parse_input(f"{name}={values}") for name, values in named.items())


def _parsed(text: str) -> tuple[str, Source]:
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        raise UsageError(f"--input {text!r} is not NAME=VALUES", hint=EXAMPLES)
    drawn = DRAWN.fullmatch(value)
    if drawn is None:
        if not value.endswith(ARRAY_SUFFIX):
            raise UsageError(f"--input {text}: neither a .npy file nor a distribution", hint=EXAMPLES)
        return name, Source(file=value)
    return name, _distribution(text, drawn[1], drawn[2].split(","))


def _distribution(text: str, word: str, arguments: Iterable[str]) -> Source:
    known = {member.value: member for member in Distribution}
    if word not in known:
        raise UsageError(
            f"--input {text}: no distribution is called {word}", hint=f"known: {', '.join(known)}"
        )
    distribution = known[word]
    try:
        numbers = tuple(float(argument) for argument in arguments)
    except ValueError:
        numbers = ()
    fits = len(numbers) == distribution.arguments and all(abs(number) <= LARGEST for number in numbers)
    if not fits:
        words = "one number" if distribution.arguments == 1 else "two numbers"
        raise UsageError(f"--input {text}: {word} takes {words}", hint=EXAMPLES)
    if distribution is Distribution.UNIFORM and numbers[0] >= numbers[1]:
        raise UsageError(f"--input {text}: the second number is excluded, so it is above the first")
    if distribution is Distribution.NORMAL and numbers[1] < 0:
        raise UsageError(f"--input {text}: a standard deviation is 0 or more")
    return Source(distribution=distribution, numbers=numbers)


class Lengths(NamedTuple):
    """The size of dimensions that are no batch: one, or any from the least to the most, each as likely."""

    least: int
    most: int | None = None

    def __str__(self) -> str:
        """As it is written."""
        return str(self.least) if self.most is None else f"{self.least}..{self.most}"


def parse_lengths(text: object) -> Lengths:
    """Return what `128` or `8..128` says; `ValueError` says the text and what fits."""
    span = SPAN.fullmatch(str(text).strip())
    sizes = [int(size) for size in span.groups() if size is not None] if span else []
    if not sizes or not all(SIZE.holds(size) for size in sizes) or sizes != sorted(sizes):
        raise ValueError(f"{str(text)[:40]}: {SIZE.words}, or a range of them as 8..128")
    return Lengths(*sizes)
