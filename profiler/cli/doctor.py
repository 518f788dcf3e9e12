"""`ortprof doctor`: what this machine allows, each thing with its remedy."""

from __future__ import annotations

import typer

from profiler.cli.options.place_options import Python, interpreter
from profiler.cli.options.shared_options import Json
from profiler.errors import ExitCode

EXAMPLES = """\
ortprof doctor
ortprof doctor --python ./venv/bin/python"""


def doctor(
    python: Python = None,
    json_output: Json = False,
) -> None:
    """Say what this machine allows: perf, events, tracepoints, CPU limits, ONNX Runtime's symbols.

    Exits with 3 when something is missing that every recording needs.
    """
    from dataclasses import asdict

    from rich.text import Text

    from profiler.cli.terminal.console import out, print_json
    from profiler.cli.terminal.fitted_table import FittedTable, prose, word
    from profiler.record.examination import examine

    findings = list(examine(interpreter(python)))
    if json_output:
        print_json([asdict(finding) for finding in findings])
    else:
        table = FittedTable([word(""), prose(""), prose("")])
        for finding in findings:
            mark = (
                ("ok", "green")
                if finding.available
                else (("no", "red") if finding.required else ("--", "yellow"))
            )
            table.add(Text(*mark), finding.what, finding.detail)
            if finding.remedy and not finding.available:
                table.add("", "", Text(finding.remedy, style="dim"))
        out().print(table)
    if any(finding.required and not finding.available for finding in findings):
        raise typer.Exit(ExitCode.MACHINE_LACKS)
