"""One way to reach sessions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hook:
    """What a command is started with, or why it can't be."""

    path: str | None
    """As its environment variable wants it; None where there is no such hook."""
    why: str = ""
    hint: str = ""
    """What to do about it; empty where nothing helps."""

    @classmethod
    def unavailable(cls, why: str, hint: str = "") -> Hook:
        """Return the absence of a hook."""
        return cls(None, why, hint)
