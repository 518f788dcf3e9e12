"""What stands in summary.json instead of a section."""

from __future__ import annotations

import msgspec


class Unavailable(
    msgspec.Struct, frozen=True, omit_defaults=True, rename={"why": "unavailable"}, forbid_unknown_fields=True
):
    """Instead of a section."""

    why: str
    hint: str = ""
    """What to do about it; empty where nothing helps."""
