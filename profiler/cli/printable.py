"""Text from processes and files, fit for a terminal: nothing in it that a terminal obeys."""

from __future__ import annotations

import re

import typer

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u200e\u200f\u2028-\u202e\u2066-\u2069"  # marks that reorder or break what is shown
    "\ud800-\udfff]"  # lone surrogates: bytes that were no UTF-8
)


def printable(text: str) -> str:
    """Return text with every control character replaced by a sign that says so."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def say(text: str) -> None:
    """Print a line of results, whole."""
    typer.echo(printable(text))


def tell(text: str) -> None:
    """Print a message on standard error."""
    typer.echo(printable(text), err=True)
