"""What writes each format: the one place that chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.export.collapsed import Collapsed
from profiler.export.firefox import Firefox
from profiler.export.formats import Format, KindFrame
from profiler.export.perfetto import Perfetto
from profiler.export.pprof import Pprof
from profiler.export.speedscope import Speedscope
from profiler.extras import need

if TYPE_CHECKING:
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.exporter import Exporter, FolderExporter


def exporter_of(
    form: Format, kind_frame: KindFrame = KindFrame.INNERMOST, after: ExportedRun | None = None
) -> Exporter:
    """Return what writes a format of one file.

    `kind_frame` and a second run `after` are for formats that have them (`Format`).
    """
    if form is Format.COLLAPSED:
        return Collapsed(kind_frame, after)
    if form is Format.SPEEDSCOPE:
        return Speedscope(kind_frame)
    if form is Format.PPROF:
        return Pprof()
    if form is Format.FIREFOX:
        return Firefox()
    return Perfetto()


def folder_exporter_of(form: Format) -> FolderExporter:
    """Return what writes a format of several files; `MachineError` without the extra `data`."""
    need("pyarrow", "data")
    if form is Format.PARQUET:
        from profiler.export.parquet import Parquet  # noqa: PLC0415  (imports pyarrow)

        return Parquet()
    from profiler.export.comma_separated import CommaSeparated  # noqa: PLC0415  (likewise)

    return CommaSeparated()
