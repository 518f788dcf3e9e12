"""What writes each format: the one place that chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.export.collapsed import Collapsed
from profiler.export.firefox import Firefox
from profiler.export.formats import Format, KindFrame
from profiler.export.pprof import Pprof
from profiler.export.speedscope import Speedscope

if TYPE_CHECKING:
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.exporter import Exporter


def exporter_of(
    form: Format, kind_frame: KindFrame = KindFrame.INNERMOST, after: ExportedRun | None = None
) -> Exporter:
    """Return what writes a format; `kind_frame` and a second run `after` where it has them (`Format`)."""
    if form is Format.COLLAPSED:
        return Collapsed(kind_frame, after)
    if form is Format.SPEEDSCOPE:
        return Speedscope(kind_frame)
    if form is Format.PPROF:
        return Pprof()
    return Firefox()
