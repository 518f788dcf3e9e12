"""What writes a run in one format of another viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from profiler.attribution.analysis import Profile


class Exporter(Protocol):
    """One format."""

    suffix: str
    """Of a file in it, dot included."""

    def write(self, profile: Profile, out: BinaryIO) -> None:
        """Write a profile phase, as a stream: no copy of it in memory. What `out` raises goes through."""
