"""What could not be measured, or limits what figures say."""

from __future__ import annotations

import msgspec


class Doubt(msgspec.Struct, frozen=True):
    """Something that could not be measured, or that limits what the figures say."""

    what: str
    why: str
    hint: str = ""
