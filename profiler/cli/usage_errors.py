"""Usage errors that typer finds, as our own: one style, whoever finds what is wrong with a command line."""

from __future__ import annotations

from typing import Any

import typer

from profiler.errors import UsageError

TyperUsageError: Any = typer.BadParameter.__bases__[0]
"""The base of all of typer's usage errors, which it does not export."""


PYDANTIC = "Value error, "
"""What typer leaves before the words of a parser's `ValueError`."""


def as_usage_error(error: Any) -> UsageError:
    """Return one of typer's errors as ours; its hint is what was meant, or the command's help."""
    meant = getattr(error, "possibilities", None)
    if meant:
        hint = f"did you mean {' or '.join(sorted(meant))}?"
    elif error.ctx is not None:
        hint = f"`{error.ctx.command_path} --help` says what there is"
    else:
        hint = "`--help` says what there is"
    return UsageError(_words(error), hint=hint)


def is_help(error: Any) -> bool:
    """Whether it is no error, but the help that a group of commands shows where none is named."""
    return error.ctx is not None and bool(error.format_message() == error.ctx.get_help())


def _words(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is not None and error.message:
        name = (
            parameter.opts[0]
            if parameter.param_type_name == "option"
            else parameter.make_metavar(error.ctx).strip("[]")
        )
        return f"{name} {error.message.removeprefix(PYDANTIC).rstrip('.')}"
    # A missing parameter's error makes its message of what is missing, another error has its own.
    text = str(error.message or error.format_message()).rstrip(".")
    return text[:1].lower() + text[1:]
