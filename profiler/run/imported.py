"""`imported` of run.json: a recording made elsewhere, and what its figures rest on."""

from __future__ import annotations

from enum import Enum

import msgspec

from profiler.run.ranges import Count

COLLAPSED = "collapsed stacks"
"""The one `Imported.format` that has no addresses, so that no library tells more."""


class TimeBasis(str, Enum):
    """Why a sample stands for so much CPU time."""

    PERIOD = "period"
    """It says so: a clock's period, in nanoseconds."""
    FREQUENCY = "frequency"
    """It is one of so many a second, as the recording's header has it."""
    NOTHING = "nothing"
    """The recording counts something else, or does not say: a sample is shown as one millisecond."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run comes from that `ortprof record` did not make."""

    name: str
    """What the run is called."""
    format: str
    """`perf.data`, `perf script text`, `COLLAPSED` ..."""
    file: str
    """The file's name, without its folder."""
    sha256: str
    """Of the file."""
    event: str
    """What was counted; several of a kind joined by commas."""
    samples: Count
    """Those that are shown; where stacks have counts, the sum of these."""
    basis: TimeBasis
    keeps_files: bool = False
    """Whether the run keeps copies of the libraries that were found for it."""
    timed: bool
    """Whether samples have instants."""
    idle: Count
    """Samples of the kernel's idle task, which are nobody's CPU time: left out."""
    others: dict[str, Count]
    """Samples of other events, by event: left out."""
