"""`ortprof import`: a recording made elsewhere becomes a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.shared_options import REPORTS, Json, Open, Reports, as_path
from profiler.errors import UsageError

EXAMPLES = """\
ortprof import perf.data --binaries libraries/ --name canary
ssh canary perf script -i perf.data | ortprof import - --name canary"""


def import_recording(
    recordings: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            parser=as_path,
            help="perf.data, perf script text, collapsed stacks, or a profile of Firefox Profiler, samply or "
            "pprof; gzipped or not; - for standard input. Each becomes a run.",
        ),
    ],
    *,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="TEXT", help="What to call the run.", show_default="the file's name"),
    ] = None,
    binaries: Annotated[
        Path | None,
        typer.Option(
            "--binaries",
            parser=as_path,
            metavar="DIR",
            help="Folder with the profiled libraries, found by build id, else by name.",
            show_default="where the recording says, if they are the same files",
        ),
    ] = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
) -> None:
    """Make a run, with its report, of a recording that was made elsewhere.

    What a recording does not say (exact CPU time, requests, limits) is unavailable, with the reason.
    """
    from profiler.cli.show import show_finished
    from profiler.cli.terminal.console import monitoring
    from profiler.cli.terminal.streams import as_file
    from profiler.execute.importing import import_file

    if name is not None and not name.strip():
        raise UsageError("--name: a name, not nothing")
    if binaries is not None and not binaries.is_dir():
        raise UsageError(
            f"--binaries {binaries}: no such folder", hint="give the folder that the libraries are in"
        )
    if json_output and len(recordings) > 1:
        raise UsageError("--json: prints the figures of one run", hint="import one file at a time")
    for recording in recordings:
        with as_file(recording) as file, monitoring() as monitor:
            finished = import_file(file, reports, monitor.step, name=name, binaries=binaries)
        show_finished(finished, json_output=json_output, open_report=open_report)
