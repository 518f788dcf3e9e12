"""Which formats there are; each makes its exporter."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from profiler.export.collapsed import Collapsed

if TYPE_CHECKING:
    from profiler.export.exporter import Exporter


class Format(str, Enum):
    """A format of another viewer."""

    COLLAPSED = "collapsed"
    """Collapsed stacks, for flame graph tools."""

    def exporter(self) -> Exporter:
        """Return what writes it."""
        return _EXPORTERS[self]()


_EXPORTERS: dict[Format, type[Exporter]] = {Format.COLLAPSED: Collapsed}
