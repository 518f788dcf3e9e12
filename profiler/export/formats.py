"""Which formats there are. Light to import: what writes them is chosen in `profiler.export.exporters`."""

from __future__ import annotations

from enum import Enum


class Format(str, Enum):
    """A format of another viewer."""

    COLLAPSED = "collapsed"
    """Collapsed stacks, for flame graph tools."""
    SPEEDSCOPE = "speedscope"
    """speedscope, in the browser."""
    PPROF = "pprof"
    """`go tool pprof`, and what else reads its profiles."""
    FIREFOX = "firefox"
    """Firefox Profiler, in the browser."""
    PERFETTO = "perfetto"
    """Perfetto's trace viewer, in the browser."""
    PARQUET = "parquet"
    """Tables, for DuckDB, pandas and their like."""
    CSV = "csv"
    """The same as text."""

    @property
    def has_kind_frames(self) -> bool:
        """Whether a kind is a frame in call chains; other formats have a place of their own for it."""
        return self in (Format.COLLAPSED, Format.SPEEDSCOPE)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of tables, a file each."""
        return self in (Format.PARQUET, Format.CSV)

    @property
    def holds_two_runs(self) -> bool:
        """Whether a second run fits beside the first."""
        return self is Format.COLLAPSED


class KindFrame(str, Enum):
    """The end of a call chain at which its kind stands."""

    INNERMOST = "innermost"
    """Beyond the function that was running: each function's time is split by kind."""
    OUTERMOST = "outermost"
    """Before the thread's start: each kind is a graph of its own."""
