"""`ortprof top`: what threads do, in the terminal, second by second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import COURSE
from profiler.cli.options.numbers import number
from profiler.cli.options.perf_options import ScopeOption
from profiler.cli.options.shared_options import REPORTS, Follow, Reports
from profiler.cli.options.whom_options import Container, Engine, Pids, named_pids
from profiler.errors import ExitCode, OrtprofError, WorkloadError
from profiler.spec.container import EngineName
from profiler.spec.ranges import MEASURED_SECONDS
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from profiler.live.watching import Watched
    from profiler.record.attach import AttachSpec

EXAMPLES = """\
ortprof top 4711 --follow
ortprof top 4711 --seconds 60
ortprof top --container checkout --engine podman"""

TICK_SECONDS = 1.0
LOOK_SECONDS = 0.1
"""How soon a signal is noticed."""
QUIT, SAVE = ("q", "Q"), ("s", "S")


def top(
    pids: Pids = None,
    *,
    container: Container = None,
    engine: Engine = EngineName.DOCKER,
    follow: Follow = False,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            metavar="S",
            parser=number(MEASURED_SECONDS),
            help="How long to watch.",
            show_default="until q",
            rich_help_panel=COURSE,
        ),
    ] = None,
    scope: ScopeOption = Scope.AUTO,
    reports: Reports = REPORTS,
) -> None:
    """Show CPU time by kind, of each pool and thread, each second: by light sampling (docs/light.md).

    q quits, s saves what was seen as a run. Without a terminal it prints a line a second.
    """
    from profiler.live.watching import Watched
    from profiler.record.attach import AttachSpec, find
    from profiler.record.interrupts import Interrupts
    from profiler.spec.light import FREQUENCY_HZ

    spec = AttachSpec(
        named_pids(pids, container, engine),
        seconds or 0.0,
        FREQUENCY_HZ,
        follow=follow or container is not None,
        name=container or "",
        scope=scope,
        light=True,
    )
    targets = find(spec)
    interactive = sys.stdout.isatty() and sys.stdin.isatty()
    with Interrupts() as interrupts:
        try:
            with Watched(targets, scope, follow=spec.follow, keeps=interactive) as watched:
                until = time.monotonic() + seconds if seconds is not None else float("inf")

                def over() -> bool:
                    return interrupts.requested or time.monotonic() >= until

                if interactive:
                    _on_terminal(watched, spec, reports, over)
                else:
                    _by_lines(watched, over)
        except ProcessLookupError as error:
            raise WorkloadError(str(error)) from error
        stopped = interrupts.requested
    if stopped:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _by_lines(watched: Watched, over: Callable[[], bool]) -> None:
    """Print a line a second, for pipes and logs."""
    from profiler.cli.terminal.console import out
    from profiler.cli.terminal.top_view import summary

    def wait(seconds: float) -> str:
        time.sleep(seconds)
        return ""

    console = out()
    for _ in _seconds(wait, over):
        console.print(summary(watched.tick()), markup=False, soft_wrap=True)


def _on_terminal(watched: Watched, spec: AttachSpec, reports: Path, over: Callable[[], bool]) -> None:
    """Show a screen that changes each second, until q."""
    from rich.live import Live

    from profiler.cli.terminal.console import out, shown
    from profiler.cli.terminal.keys import keys
    from profiler.cli.terminal.top_view import view

    console, notes = out(), ["looking for a second"]
    live = Live(console=console, screen=True, auto_refresh=False)
    with keys() as wait, shown(live):
        live.update(notes[-1], refresh=True)
        note = ""
        for pressed in _seconds(wait, over):
            if pressed in QUIT:
                break
            moment = watched.tick()
            if pressed in SAVE:
                live.update(view(moment, "saving what was seen", console.height), refresh=True)
                note = _save(watched, spec, reports)
                notes.append(note)
            live.update(view(moment, note, console.height), refresh=True)
    for said in notes[1:]:
        console.print(said, markup=False, soft_wrap=True)


def _seconds(wait: Callable[[float], str], over: Callable[[], bool]) -> Iterator[str]:
    """Yield once a second, and whenever a key of ours is pressed: that key, else nothing."""
    due = time.monotonic() + TICK_SECONDS
    while not over():
        pressed = wait(max(0.0, min(LOOK_SECONDS, due - time.monotonic())))
        if pressed in (*QUIT, *SAVE):
            yield pressed
        elif time.monotonic() >= due:
            yield ""
            due = max(due + TICK_SECONDS, time.monotonic())


def _save(watched: Watched, spec: AttachSpec, reports: Path) -> str:
    """Make a run of what was seen; return what to say of it."""
    from profiler.execute.one_run import execute_seen

    seen = watched.seen()
    if seen is None:
        return "nothing was sampled yet"
    try:
        finished = execute_seen(spec, seen, reports)
    except OrtprofError as error:
        return f"not saved: {error.message}"
    return f"saved: {finished.run.report}"
