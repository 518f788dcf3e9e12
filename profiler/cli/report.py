"""`ortprof report`: analyse a run and render its report anew."""

from __future__ import annotations

import typer

from profiler.cli.options import REPORTS, Json, Open, Reports, Run


def report(
    run: Run, reports: Reports = REPORTS, json_output: Json = False, open_report: Open = False
) -> None:
    """Analyse a run again and write its report anew, without recording again."""
    from profiler import runs
    from profiler.cli.terminal import monitoring, out, print_json
    from profiler.study.execute import render

    found = runs.find(run, reports)
    with monitoring() as monitor:
        analysis = render(found, monitor.step)
    if json_output:
        print_json(analysis.summary)
    else:
        out().print(str(found.report), soft_wrap=True, markup=False)
    if open_report:
        typer.launch(str(found.report.resolve()))
