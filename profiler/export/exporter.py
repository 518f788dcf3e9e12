"""What writes a run in one format of another viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.export.columns.exported import ExportedRun


class Exporter(Protocol):
    """One format."""

    @property
    def suffix(self) -> str:
        """Of a file in it, dot included."""

    def write(self, run: ExportedRun, out: BinaryIO) -> None:
        """Write a run, as a stream: no copy of it in memory. What `out` raises goes through."""


class FolderExporter(Protocol):
    """A format of several files."""

    @property
    def suffix(self) -> str:
        """Of the folder's name, dot included."""

    def write_folder(self, run: ExportedRun, folder: Path) -> None:
        """Write a run's files into a folder that is there, each as a stream; `NotWrittenError` as ever."""
