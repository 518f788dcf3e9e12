"""The `ortprof` command: finds the subcommand, turns typed errors into a line, a hint and an exit code."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from profiler.cli import (
    advise,
    annotate,
    check,
    compare,
    configs,
    container,
    doctor,
    export,
    models,
    record,
    report,
    runs,
    show,
    sweep,
)
from profiler.cli.grouped_help import GroupedCommand
from profiler.cli.printable import tell
from profiler.cli.streams import safe_streams
from profiler.cli.usage_errors import TyperUsageError, as_usage_error, is_help
from profiler.errors import InterruptedRunError, MachineError, OrtprofError, UsageError
from profiler.files import HINTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

app = typer.Typer(
    name="ortprof",
    help="Where ONNX Runtime's CPU time and its requests' latency go: spinning, futex waits, real work.",
    epilog="Start with: ortprof doctor, then: ortprof record --config spin-on",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(short_help="Measure and profile a workload; write an HTML report.", cls=GroupedCommand)(
    record.record
)
app.command(short_help="Analyse a run and write its report anew.")(report.report)
app.command(short_help="Print a run's verdict, figures and functions.")(show.show)
app.command(short_help="Print a function's source and instructions with shares.")(annotate.annotate)
app.command(short_help="Compare two runs side by side.")(compare.compare)
app.command(short_help="Run a matrix of runs, interleaved and repeated; write one page.")(sweep.sweep)
app.command(short_help="Recommend a configuration for a p95 target, with settings to paste.")(advise.advise)
app.command(short_help="Hold runs against bounds and a baseline: a gate for CI.")(check.check)
app.command(short_help="Write a run in another viewer's format.")(export.export)
app.command(short_help="Say what this machine allows.")(doctor.doctor)
app.add_typer(configs.app, name="configs")
app.add_typer(models.app, name="models")
app.add_typer(container.app, name="container")
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
    """Run the command line; it ends with one of `ExitCode`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupted)
    try:
        with safe_streams(), _machine_errors():
            Path.cwd()  # one that was deleted fails everywhere else, and says less
            code = run()
    except OrtprofError as error:
        code = _explained(error)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, without arguments the program's own, and return its exit code.

    An error is told on standard error.
    """
    try:
        code = app(arguments, prog_name="ortprof", standalone_mode=False)
    except OrtprofError as error:
        return _explained(error)
    except TyperUsageError as error:
        if not is_help(error):
            return _explained(as_usage_error(error))
        tell(error.format_message())
        return UsageError.exit_code
    return int(code or 0)


@contextlib.contextmanager
def _machine_errors() -> Iterator[None]:
    """Turn what the system refuses, and nobody nearer knew a better word for, into a line."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise MachineError(f"{where}{error.strerror or error}", hint=HINTS.get(error.errno or 0)) from error
    except MemoryError as error:
        raise MachineError("there is not enough memory for this") from error


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise InterruptedRunError("interrupted")


def _explained(error: OrtprofError) -> int:
    """Tell an error, where standard error takes it; return its exit code."""
    with contextlib.suppress(OSError):
        tell(f"ortprof: error: {error.message}")
        if error.hint:
            tell(f"  hint: {error.hint}")
        if error.kept:
            tell(f"  kept: {error.kept}")
    return error.exit_code
