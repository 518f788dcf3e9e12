"""What a model is fed with: the options that say so, and the value that they make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.grouped_help import WORKLOAD
from profiler.cli.options.shared_options import as_path
from profiler.spec.inputs import Inputs, Lengths, Order, parse_input, parse_lengths

TOKENS = Lengths(10)
Tokens = Annotated[
    Lengths,
    typer.Option(
        "--tokens",
        metavar="N|A..B",
        parser=parse_lengths,
        show_default=str(TOKENS),
        help="Size of symbolic dimensions but the batch; of a range, each request draws its own.",
        rich_help_panel=WORKLOAD,
    ),
]
InputFiles = Annotated[
    Path | None,
    typer.Option(
        "--inputs",
        metavar="FILE|DIR",
        parser=as_path,
        help="Inputs from an .npz file, or from each of a folder's.",
        rich_help_panel=WORKLOAD,
    ),
]
InputOrder = Annotated[
    Order,
    typer.Option(
        "--inputs-order",
        help="Requests take a folder's files in turn, or draw one by the seed.",
        rich_help_panel=WORKLOAD,
    ),
]
ChosenOrder = Annotated[
    Order | None,
    typer.Option(
        "--inputs-order",
        help="Requests take a folder's files in turn, or draw one by the seed.",
        rich_help_panel=WORKLOAD,
        show_default=Order.CYCLED.value,
    ),
]
NamedInput = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME=VALUES",
        help="One input: a .npy file, uniform(A,B), normal(MEAN,SD) or constant(V); "
        "see `ortprof models inputs`.",
        rich_help_panel=WORKLOAD,
    ),
]


def make_inputs(files: Path | None, order: Order, named: list[str] | None) -> Inputs:
    """Return what these options say; `UsageError` for an --input that says nothing."""
    return Inputs(
        files="" if files is None else os.path.realpath(files),
        order=order,
        named={name: source.absolute() for name, source in map(parse_input, named or [])},
    )


def any_file(named: list[str] | None) -> bool:
    """Whether any --input names a file."""
    return any(parse_input(text)[1].file for text in named or [])
