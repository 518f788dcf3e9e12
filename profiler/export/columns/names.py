"""Text of strangers, as any format can hold it."""

from __future__ import annotations


def clean(text: str) -> str:
    """Return valid Unicode: what was no UTF-8 (a path, a thread's name) holds lone surrogates."""
    return text.encode("utf-8", "replace").decode()
