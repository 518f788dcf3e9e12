"""What a study says of the sessions that share a process: a `[[workload]]` table each."""

from __future__ import annotations

from typing import Annotated

import msgspec

from profiler.spec.configuration import ThreadCount
from profiler.spec.inputs import Lengths, Order, parse_lengths
from profiler.spec.ranges import CALLERS
from profiler.spec.workload import Arrivals

Count = Annotated[int, msgspec.Meta(ge=1)]
Rate = Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)]
Callers = Annotated[int, msgspec.Meta(ge=CALLERS.least, le=CALLERS.most)]
# No pattern: msgspec 0.22 ends in a segmentation fault where fields share a union of one with a tuple of it.
LengthRange = Annotated[str, msgspec.Meta(description='a range of them such as "8..128"')]
Tokens = Count | LengthRange
"""One length of requests, or a range that each request draws its own from."""


class StudySession(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One session of the process; what it does not say is the study's.

    The first one is what cells are called after. Its configurations are the study's `configs`.
    """

    model: str
    """A name from the catalogue, or an .onnx file."""
    rate: Rate | None = None
    arrivals: Arrivals | None = None
    concurrency: Callers | None = None
    tokens: Tokens | None = None
    batch: Count | None = None
    dims: dict[str, Count] | None = None
    input: dict[str, str] | None = None
    """Values of single inputs. Like `dims` and `inputs`, the study's are the first session's alone."""
    inputs: str | None = None
    inputs_order: Order | None = None
    config: str | None = None
    threads: ThreadCount | None = None
    inter_op: ThreadCount | None = None

    @property
    def configures(self) -> bool:
        """Whether its configuration is its own."""
        return any(value is not None for value in (self.config, self.threads, self.inter_op))


AXES = {"rate": "rates", "arrivals": "arrivals", "concurrency": "concurrency", "tokens": "tokens"}
"""What a session says once and a study may say several times."""


def lengths(tokens: Tokens) -> Lengths:
    """Return the size or sizes that `tokens` means; `ValueError` for a range out of bounds."""
    return parse_lengths(tokens)


def as_tokens(span: Lengths) -> Tokens:
    """Return a size or sizes as a study has them."""
    return span.least if span.most is None else str(span)
