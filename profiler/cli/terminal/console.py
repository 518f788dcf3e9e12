"""What commands show on the terminal: progress and messages on stderr, results on stdout."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from profiler.errors import InterruptedRunError
from profiler.findings.formats import count, duration, printable
from profiler.raising import held
from profiler.spec.ranges import ENDLESS_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import ConsoleOptions, RenderableType
    from rich.live import Live
    from rich.progress import Progress, TaskID

    from profiler.errors import OrtprofError
    from profiler.record.monitor import Tick

PIPE_COLUMNS = 1000


class _CleanConsole(Console):
    """A console whose text is `printable`, wherever it comes from."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield the segments of what is printed; those that are rich's own control codes as they are."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


def out() -> Console:
    """Return a console for results; rich honours NO_COLOR and pipes.

    A pipe has no width: what goes into one is not cut at the 80 columns that rich would assume.
    """
    return _CleanConsole(highlight=False, width=None if sys.stdout.isatty() else PIPE_COLUMNS)


def err() -> Console:
    """Return a console for messages; where they go into a pipe or a file, they are not broken either."""
    return _CleanConsole(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PIPE_COLUMNS)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    json.dump(document, sys.stdout, indent=1, allow_nan=False)
    sys.stdout.write("\n")


class TerminalMonitor:
    """Shows a recording's progress: live on a terminal, a line a step elsewhere."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._task: TaskID | None = None
        self._phase = ""

    def step(self, text: str) -> None:
        """Show a step of unknown length."""
        self._phase = ""
        self._begin(text, None)

    def tick(self, tick: Tick) -> None:
        """Show a phase: seconds left, CPU use, requests, last latency."""
        if tick.phase != self._phase:
            self._phase = tick.phase
            self._begin(tick.phase, tick.phase_seconds)
        if self._task is not None:
            left = max(0.0, tick.phase_seconds - tick.elapsed_seconds)
            detail = f"{left:3.0f} s left  CPU {tick.cpu_percent:5.1f} %"
            if tick.requests:
                detail += f"  {count(tick.requests, 'request')}"
            if tick.last_latency_ms is not None:
                detail += f"  last {tick.last_latency_ms:.1f} ms"
            self._progress.update(self._task, completed=tick.elapsed_seconds, detail=detail)

    def warn(self, text: str) -> None:
        """Show a warning that stays."""
        self._console.print(Text.assemble(("warning: ", "yellow"), text), soft_wrap=True)

    def _begin(self, text: str, seconds: float | None) -> None:
        if not self._console.is_terminal:
            self._console.print(Text(text if seconds is None else f"{text}: {seconds:g} s"))
            return
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(text, total=seconds, detail="")


class LineMonitor:
    """Says what goes on in lines between those of a program whose terminal it is."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase = ""

    def step(self, text: str) -> None:
        """Say a step."""
        self._phase = ""
        self._say(text)

    def tick(self, tick: Tick) -> None:
        """Say once that a phase began."""
        if tick.phase != self._phase:
            self._phase = tick.phase
            length = f": {tick.phase_seconds:g} s" if tick.phase_seconds < ENDLESS_SECONDS else ""
            self._say(f"{tick.phase}{length}")

    def warn(self, text: str) -> None:
        """Say what the user should know."""
        self._say(f"warning: {text}")

    def fail(self, error: OrtprofError) -> None:
        """Say at once why there will be no report."""
        self._say(f"error: {error.message}")
        for label, more in (("hint", error.hint), ("kept", error.kept)):
            if more:
                self._say(f"  {label}: {more}")

    def _say(self, text: str) -> None:
        self._console.print(Text(f"ortprof: {text}", style="dim"), soft_wrap=True)


@contextlib.contextmanager
def monitoring() -> Iterator[TerminalMonitor]:
    """Show progress while the block runs."""
    with _live_progress() as (console, progress):
        yield TerminalMonitor(console, progress)


@contextlib.contextmanager
def _live_progress() -> Iterator[tuple[Console, Progress]]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn  # most commands show none

    console = err()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        TextColumn("{task.fields[detail]}", markup=False),
    )
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with shown(progress):
        yield console, progress


@contextlib.contextmanager
def shown(display: Progress | Live) -> Iterator[None]:
    """Show a display that changes while the block runs.

    It can't be interrupted as it begins and ends: its thread would draw on, and abort the program at its end
    (a lock that a daemon thread holds); and the terminal would stay without cursor.
    """
    try:
        with held():
            display.start()
        yield
    finally:
        with held():
            display.stop()


class StudyTerminalMonitor(TerminalMonitor):
    """Shows a study's progress: a line a run, and below it, on a terminal alone, how that run is going."""

    def __init__(self, console: Console, progress: Progress) -> None:
        super().__init__(console, progress)
        self._live = console.is_terminal

    def run_begins(self, number: int, of: int, what: str, seconds_left: float) -> None:
        """Show a run's place in the study."""
        self.tell(f"run {number} of {of}, about {duration(seconds_left)} left: {what}")

    def tell(self, text: str) -> None:
        """Show a line that stays, above the progress and not through it."""
        self._console.print(Text(text), soft_wrap=True)

    def step(self, text: str) -> None:
        """Show a step of a run."""
        if self._live:
            super().step(text)

    def tick(self, tick: Tick) -> None:
        """Show a phase of a run."""
        if self._live:
            super().tick(tick)


@contextlib.contextmanager
def study_monitoring(reports: Path) -> Iterator[StudyTerminalMonitor]:
    """Show a study's progress while the block runs; `InterruptedRunError` where a signal ends it at once."""
    try:
        with _live_progress() as (console, progress):
            yield StudyTerminalMonitor(console, progress)
    except KeyboardInterrupt:
        raise InterruptedRunError(f"interrupted; what was recorded is kept in {reports}") from None


class _ModelProgress:
    """Shows the building of a model; see `profiler.models.progress.Progress`."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._task: TaskID | None = None

    def start(self, total: int, label: str) -> None:
        """Begin a bar of `total` bytes."""
        if not self._console.is_terminal:
            self._console.print(Text(label))
        self._task = self._progress.add_task(label, total=total)

    def advance(self, amount: int) -> None:
        """Move the bar on."""
        if self._task is not None:
            self._progress.advance(self._task, amount)

    def finish(self) -> None:
        """Take the bar away."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None

    def say(self, message: str) -> None:
        """Show a line that stays."""
        self._console.print(Text(message))


@contextlib.contextmanager
def model_progress() -> Iterator[_ModelProgress]:
    """Show how a model is made while the block runs."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = err()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(24), DownloadColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with shown(progress):
        yield _ModelProgress(console, progress)
