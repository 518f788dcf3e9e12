"""`ortprof report`: analyse a run and render its report anew."""

from __future__ import annotations

import typer

from profiler.cli.options.shared_options import (
    REPORTS,
    Json,
    NoSource,
    Open,
    Reports,
    Run,
    SourceRoot,
    Store,
    from_store,
    source_options,
)

EXAMPLES = "ortprof report spin-off --open"


def report(
    run: Run,
    *,
    source_root: SourceRoot = None,
    no_source: NoSource = False,
    store: Store = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
) -> None:
    """Analyse a run again and write its report anew, without recording again.

    With --store, it is fetched into the reports folder first.
    """
    from profiler.cli.terminal.console import monitoring, out, print_json
    from profiler.execute.rendering import render
    from profiler.run import runs
    from profiler.run.summary import to_document

    source = source_options(source_root, include=not no_source)
    directory = runs.find(from_store(store, run, reports), reports)
    with monitoring() as monitor:
        analysis = render(directory, monitor.step, source)
    if json_output:
        print_json(to_document(analysis.summary))
    else:
        out().print(str(directory.report), soft_wrap=True, markup=False)
    if open_report:
        typer.launch(str(directory.report.resolve()))
