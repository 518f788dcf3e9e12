"""Text from processes and files, fit for a terminal: nothing in it that a terminal obeys."""

from __future__ import annotations

import typer

from profiler.findings.formats import printable

UNKNOWN = "-"
"""What a table's cell says of a figure that is not known."""


def say(text: str) -> None:
    """Print a line of results, whole."""
    typer.echo(printable(text))


def tell(text: str) -> None:
    """Print a message on standard error."""
    typer.echo(printable(text), err=True)
