"""`ortprof export`: a run in another viewer's format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.shared_options import REPORTS, Reports, Run, as_path
from profiler.cli.terminal.printable import tell
from profiler.export.formats import Format

EXAMPLES = """\
ortprof export spin-on -o - | flamegraph.pl > spin-on.svg
ortprof export spin-on -o stacks.txt"""


def export(
    run: Run,
    form: Annotated[Format, typer.Option("--format", help="Another viewer's format.")] = Format.COLLAPSED,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=as_path,
            metavar="FILE",
            help="Where to write; - for standard output.",
            show_default="the run's directory's name with the format's ending, here",
        ),
    ] = None,
    reports: Reports = REPORTS,
) -> None:
    """Write a run's profile for another viewer."""
    import sys

    from profiler import files
    from profiler.attribution.analyse import profile_of
    from profiler.cli.terminal.console import monitoring
    from profiler.cli.terminal.streams import explained
    from profiler.run import runs

    found = runs.find(run, reports)
    with monitoring() as monitor:
        profile = profile_of(found, monitor.step)
    exporter = form.exporter()
    if output == Path("-"):
        with explained():
            exporter.write(profile, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    path = output or Path(f"{found.run_id}{exporter.suffix}")
    with files.output(path, hint="choose another with -o") as file:
        exporter.write(profile, file)
    tell(f"wrote {path}")
