"""`ortprof export`: a run in another viewer's format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.output_file import as_output
from profiler.cli.options.shared_options import REPORTS, Reports, Run
from profiler.cli.terminal.printable import tell
from profiler.errors import UsageError
from profiler.export.formats import Format, KindFrame

EXAMPLES = """\
ortprof export spin-on --format speedscope
ortprof export spin-on -o - | flamegraph.pl > spin-on.svg"""


def export(  # noqa: PLR0917 - but for the run, each is an option
    run: Run,
    form: Annotated[Format, typer.Option("--format", help="Another viewer's format.")] = Format.COLLAPSED,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=as_output,
            metavar="FILE",
            help="Where to write; - for standard output. A folder for parquet and csv.",
            show_default="the run's directory's name with the format's ending, here",
        ),
    ] = None,
    kind: Annotated[
        KindFrame | None,
        typer.Option(
            "--kind",
            help="Where in a call chain its kind stands, such as [spin-idle]: collapsed, speedscope.",
            show_default=KindFrame.INNERMOST.value,
        ),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(
            "--diff",
            metavar="RUN2",
            help="A second run, its weights in a second column: collapsed, for flamegraph.pl.",
        ),
    ] = None,
    reports: Reports = REPORTS,
) -> None:
    """Write a run's profile for another viewer."""
    from profiler import files
    from profiler.attribution.analyse import analyse
    from profiler.cli.terminal.console import monitoring
    from profiler.export.columns.exported import exported
    from profiler.export.exporters import exporter_of, folder_exporter_of
    from profiler.run import runs

    if kind is not None and not form.has_kind_frames:
        raise UsageError(f"--kind: {form.value} has a place of its own for kinds", hint="leave it out")
    if diff is not None and not form.holds_two_runs:
        raise UsageError(f"--diff: {form.value} holds one run", hint="--format collapsed holds two")
    if form.is_folder and output == files.STDOUT:
        raise UsageError(f"-o -: {form.value} is a folder of tables", hint="name a folder")
    directory = runs.find(run, reports)
    second = None if diff is None else runs.find(diff, reports)
    folder_exporter = folder_exporter_of(form) if form.is_folder else None
    with monitoring() as monitor:
        content = exported(analyse(directory, monitor.step))
        after = None if second is None else exported(analyse(second, monitor.step))
        if folder_exporter is not None:
            folder = output or Path(f"{directory.run_id}{folder_exporter.suffix}")
            monitor.step(f"writing {form.value}")
            files.make_folder(folder, hint="choose another with -o")
            folder_exporter.write_folder(content, folder)
            tell(f"wrote {folder}")
            return
        exporter = exporter_of(form, kind or KindFrame.INNERMOST, after)
        monitor.step(f"writing {form.value}")
        path = output or Path(f"{directory.run_id}{exporter.suffix}")
        with files.output(path, hint="choose another with -o") as file:
            exporter.write(content, file)
    if path != files.STDOUT:
        tell(f"wrote {path}")
