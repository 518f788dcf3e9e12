"""The `ortprof` command: finds the subcommand, turns typed errors into a line, a hint and an exit code."""

from __future__ import annotations

import os
import sys

import typer

from profiler.cli import configs, doctor, models, record, report, runs, show
from profiler.errors import OrtprofError

INTERRUPTED = 130

app = typer.Typer(
    name="ortprof",
    help="Where ONNX Runtime's CPU time and its requests' latency go: spinning, futex waits, real work.",
    epilog="Start with: ortprof doctor, then: ortprof record --config spin-on",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(short_help="Measure and profile a workload; write an HTML report.")(record.record)
app.command(short_help="Analyse a run and write its report anew.")(report.report)
app.command(short_help="Print a run's verdict, figures and functions.")(show.show)
app.command(short_help="Say what this machine allows.")(doctor.doctor)
app.add_typer(configs.app, name="configs")
app.add_typer(models.app, name="models")
app.add_typer(runs.app, name="runs")


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"ortprof {version('ortprof')}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run the command line; the exit codes are DESIGN.md's."""
    try:
        app()
    except OrtprofError as error:
        typer.echo(f"ortprof: error: {error.message}", err=True)
        if error.hint:
            typer.echo(f"  hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("ortprof: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain again when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
