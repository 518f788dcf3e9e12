"""The `ortprof` command: finds the subcommand, turns typed errors into a line, a hint and an exit code."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from profiler.cli import (
    advise,
    annotate,
    attach,
    check,
    compare,
    configs,
    container,
    doctor,
    export,
    import_recording,
    marks,
    merge,
    models,
    publish,
    query,
    record,
    report,
    runs,
    show,
    sweep,
    worker,
)
from profiler.cli.options.grouped_help import CommandGroup, GroupedCommand
from profiler.cli.started import run as run_command
from profiler.cli.started import trial
from profiler.cli.terminal.printable import tell
from profiler.cli.terminal.streams import safe_streams
from profiler.errors import InterruptedRunError, MachineError, OrtprofError, UnreadError, UsageError
from profiler.files import HINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

TyperUsageError: Any = typer.BadParameter.__bases__[0]
"""The base of all of typer's usage errors, which it does not export."""
PYDANTIC = "Value error, "
"""What typer leaves before the words of a parser's `ValueError`."""

app = typer.Typer(
    name="ortprof",
    help="Where ONNX Runtime's CPU time and its requests' latency go: spinning, futex waits, real work.",
    cls=CommandGroup,
    epilog="ortprof doctor\nortprof record --config spin-on",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _add(function: Callable[..., None], short_help: str, examples: str, name: str | None = None) -> None:
    app.command(name, short_help=short_help, epilog=examples, cls=GroupedCommand)(function)


_add(record.record, "Measure and profile a workload; write an HTML report.", record.EXAMPLES)
_add(attach.attach, "Profile processes that run already, as they are.", attach.EXAMPLES)
_add(run_command.run, "Start a command and profile it.", run_command.EXAMPLES)
_add(trial.trial, "Try session configurations on a command, and say which to choose.", trial.EXAMPLES)
_add(report.report, "Analyse a run and write its report anew.", report.EXAMPLES)
_add(show.show, "Print what a run or a study found.", show.EXAMPLES)
_add(annotate.annotate, "Print a function's source and instructions with shares.", annotate.EXAMPLES)
_add(compare.compare, "Compare two runs side by side.", compare.EXAMPLES)
_add(sweep.sweep, "Run a matrix of runs, interleaved and repeated; write one page.", sweep.EXAMPLES)
_add(worker.worker, "Run cells of studies here for `sweep --cluster`.", worker.EXAMPLES)
_add(merge.merge, "Make one study of its shards.", merge.EXAMPLES)
_add(publish.publish, "Put runs and studies into a store that others read.", publish.EXAMPLES)
_add(query.query, "Ask SQL of all runs and studies.", query.EXAMPLES)
_add(advise.advise, "Recommend a configuration for a p95 target, with settings to paste.", advise.EXAMPLES)
_add(check.check, "Hold runs against bounds and a baseline: a gate for CI.", check.EXAMPLES)
_add(export.export, "Write a run in another viewer's format.", export.EXAMPLES)
_add(
    import_recording.import_recording,
    "Make a run of a recording from elsewhere: perf.data, perf script, stacks.",
    import_recording.EXAMPLES,
    name="import",
)
_add(marks.marks, "Copy the marker of requests into a program.", marks.EXAMPLES)
_add(doctor.doctor, "Say what this machine allows.", doctor.EXAMPLES)
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
        if not _is_help(error):
            return _explained(_as_usage_error(error))
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
    """Tell an error; return its exit code. Where nobody reads any more, the code is all that is said."""
    if isinstance(error, UnreadError):
        return error.exit_code
    tell(f"ortprof: error: {' '.join(error.message.splitlines())}")
    if error.hint:
        tell("\n    ".join(f"  hint: {error.hint}".splitlines()))
    if error.kept:
        tell(f"  kept: {' '.join(error.kept.splitlines())}")
    return error.exit_code


def _as_usage_error(error: Any) -> UsageError:
    """Return one of typer's errors as ours; its hint is what was meant, or the command's help."""
    meant = getattr(error, "possibilities", None)
    if meant:
        hint = f"did you mean {' or '.join(sorted(meant))}?"
    elif error.ctx is not None:
        hint = f"`{error.ctx.command_path} --help` says what there is"
    else:
        hint = "`--help` says what there is"
    return UsageError(_words(error), hint=hint)


def _is_help(error: Any) -> bool:
    """Whether it is no error, but the help that a group of commands shows where none is named."""
    return error.ctx is not None and bool(error.format_message() == error.ctx.get_help())


def _words(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is not None and error.message:
        name = (
            parameter.opts[0]
            if parameter.param_type_name == "option"
            else parameter.make_metavar(error.ctx).strip("[]")
        )
        return f"{name} {error.message.removeprefix(PYDANTIC).rstrip('.')}"
    # A missing parameter's error makes its message of what is missing, another error has its own.
    text = str(error.message or error.format_message()).rstrip(".")
    return text[:1].lower() + text[1:]
