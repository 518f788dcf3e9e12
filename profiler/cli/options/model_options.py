"""Which models a process holds: `--model NAME|FILE[@KEY=VALUE,...]`, as often as there are sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profiler.cli.options.grouped_help import WORKLOAD
from profiler.cli.options.numbers import number
from profiler.errors import UsageError
from profiler.spec.inputs import Lengths, parse_lengths
from profiler.spec.ranges import CALLERS, PROCESSES, RATE, SIZE, THREADS
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="NAME|FILE[@...]",
        help="A name from `ortprof models`, or an .onnx file; again for a further session in the process, "
        "@rate=5,config=spin-off for options of its own.",
        show_default="minilm",
        rich_help_panel=WORKLOAD,
    ),
]
Concurrency = Annotated[
    int,
    typer.Option(
        "--concurrency",
        metavar="N",
        parser=number(CALLERS),
        help="Threads that call the session: servers of one queue, or clients of a closed loop.",
        rich_help_panel=WORKLOAD,
    ),
]
GlobalPool = Annotated[
    bool,
    typer.Option(
        "--global-pool",
        help="All sessions share the environment's thread pool.",
        rich_help_panel=WORKLOAD,
    ),
]
Processes = Annotated[
    int,
    typer.Option(
        "--processes",
        metavar="N",
        parser=number(PROCESSES),
        help="Workers of one service, each with its own sessions and pools, as gunicorn starts them.",
        rich_help_panel=WORKLOAD,
    ),
]
DEFAULT = "minilm"
OWN = re.compile(r"(.+)@([a-z-]+=[^@]*)")
"""A model with options of its own; a file's name may hold an @ too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """One --model with what is its own; None: as the command's option says."""

    name: str
    rate: float | None = None
    arrivals: Arrivals | None = None
    concurrency: int | None = None
    tokens: Lengths | None = None
    batch: int | None = None
    config: str | None = None
    threads: int | None = None
    inter_op: int | None = None

    @property
    def configures(self) -> bool:
        """Whether its session's configuration is its own."""
        return any(value is not None for value in (self.config, self.threads, self.inter_op))


def _arrivals(text: object) -> Arrivals:
    known = {member.value: member for member in Arrivals}
    if str(text) not in known:
        raise ValueError(f"{text}: one of {', '.join(known)}")
    return known[str(text)]


KEYS: dict[str, Callable[[object], Any]] = {
    "rate": number(RATE),
    "arrivals": _arrivals,
    "concurrency": number(CALLERS),
    "tokens": parse_lengths,
    "batch": number(SIZE),
    "config": str,
    "threads": number(THREADS),
    "inter-op": number(THREADS),
}


def parse_models(texts: list[str] | None) -> list[ModelAsked]:
    """Return what each --model says; `UsageError` for a key or a value that is none."""
    return [parse_model(text) for text in texts or [DEFAULT]]


def parse_model(text: str) -> ModelAsked:
    """Return what one --model says; errors as `parse_models`."""
    own = OWN.fullmatch(text)
    if own is None:
        return ModelAsked(name=text)
    values: dict[str, Any] = {}
    for part in own[2].split(","):
        key, _, value = part.partition("=")
        if key not in KEYS:
            raise UsageError(f"--model {text}: {key!r} is no key", hint=f"known: {', '.join(KEYS)}")
        try:
            values[key.replace("-", "_")] = KEYS[key](value)
        except ValueError as error:
            raise UsageError(f"--model {own[1]}@{key}={error}") from error
    return ModelAsked(name=own[1], **values)
