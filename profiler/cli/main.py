"""The `ortprof` command: finds the subcommand, turns typed errors into a line, a hint and an exit code.

The module of a subcommand is imported when that one is asked for: all of them together take longer to import,
and to be made commands of, than `show` takes for its work.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from profiler.cli.options.grouped_help import CommandGroup, GroupedCommand
from profiler.cli.terminal.printable import tell
from profiler.cli.terminal.streams import safe_streams
from profiler.errors import InterruptedRunError, MachineError, OrtprofError, UnreadError, UsageError
from profiler.files import HINTS
from profiler.raising import raise_from_handler, raise_nothing_more, raise_what_is_dropped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

TyperUsageError: Any = typer.BadParameter.__bases__[0]
"""The base of all of typer's usage errors, which it does not export."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals that ask us to end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: a function with its `EXAMPLES` beside it, or a group of commands."""

    module: str
    """Below `profiler.cli`. It has the function under the module's own name, or a group as `app`."""
    short_help: str = ""
    """Empty for a group, which has its own."""

    def load(self, name: str) -> Any:
        """Import the module and make the command; typer keeps the types of commands to itself."""
        module = import_module(f"profiler.cli.{self.module}")
        maker = typer.Typer(add_completion=False, rich_markup_mode=None)
        if not self.short_help:
            maker.add_typer(module.app, name=name)
            return getattr(typer.main.get_command(maker), "commands")[name]  # noqa: B009  not in its type
        function = getattr(module, self.module.rpartition(".")[2])
        options: dict[str, Any] = {"short_help": self.short_help, "epilog": module.EXAMPLES}
        maker.command(name, cls=GroupedCommand, **options)(function)
        return typer.main.get_command(maker)


ENTRIES = {
    "record": Entry("record", "Measure and profile a workload; write an HTML report."),
    "attach": Entry("attach", "Profile processes that run already, as they are."),
    "run": Entry("started.run", "Start a command and profile it."),
    "trial": Entry("started.trial", "Try session configurations on a command, and say which to choose."),
    "top": Entry("live.top", "Show what threads of a process do, second by second."),
    "watch": Entry("live.watch", "Watch processes for long; serve Prometheus metrics."),
    "report": Entry("report", "Analyse a run and write its report anew."),
    "show": Entry("show", "Print what a run or a study found."),
    "annotate": Entry("annotate", "Print a function's source and instructions with shares."),
    "compare": Entry("compare", "Compare two runs side by side."),
    "sweep": Entry("studies.sweep", "Run a matrix of runs, interleaved and repeated; write one page."),
    "worker": Entry("worker", "Run cells of studies here for `sweep --cluster`."),
    "merge": Entry("studies.merge", "Make one study of its shards."),
    "publish": Entry("publish", "Put runs and studies into a store that others read."),
    "query": Entry("query", "Ask SQL of all runs and studies."),
    "advise": Entry("studies.advise", "Recommend a configuration for a p95 target, with settings to paste."),
    "check": Entry("check", "Hold runs against bounds and a baseline: a gate for CI."),
    "export": Entry("export", "Write a run in another viewer's format."),
    "import": Entry(
        "import_recording", "Make a run of a recording from elsewhere: perf.data, perf script, stacks."
    ),
    "marks": Entry("marks", "Copy the marker of requests into a program."),
    "doctor": Entry("doctor", "Say what this machine allows."),
    "configs": Entry("configs"),
    "models": Entry("models"),
    "container": Entry("container"),
    "runs": Entry("runs"),
}
"""By name, in the order of the help."""


class LoadedWhenAsked(Mapping[str, Any]):
    """Commands by name; each is made once."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return one; `KeyError` where there is none of that name."""
        if name not in self._made:
            self._made[name] = self._entries[name].load(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Tell without making it."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._entries)


class Program(CommandGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = LoadedWhenAsked(ENTRIES)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; where a signal ends it, say so: typer itself would end without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptedRunError("interrupted") from None

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  as the group's
        """Return the names alone."""
        return list(self.commands)


app = typer.Typer(
    name="ortprof",
    help="Where ONNX Runtime's CPU time and its requests' latency go: spinning, futex waits, real work.",
    cls=Program,
    epilog="ortprof doctor\nortprof record --config spin-on",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    ours = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # nohup
    for number in ours:
        signal.signal(number, _interrupted)
    raise_what_is_dropped()
    try:
        code = _told()
        raise_nothing_more(ours)
    except KeyboardInterrupt:
        raise_nothing_more(ours)
        code = _explained(InterruptedRunError("interrupted"))
    gc.freeze()  # what a report is made of is not gone through for garbage once more: 0.06 s
    sys.exit(code)


def _told() -> int:
    """Run the command line, whatever streams there are; return its exit code."""
    try:
        with safe_streams(), _machine_errors():
            Path.cwd()  # one that was deleted fails everywhere else, and says less
            return run()
    except OrtprofError as error:
        return _explained(error)


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
        kind = UsageError if error.errno == errno.ENAMETOOLONG else MachineError
        raise kind(f"{where}{error.strerror or error}", hint=HINTS.get(error.errno or 0)) from error
    except MemoryError as error:
        raise MachineError("there is not enough memory for this") from error


def _interrupted(_number: int, frame: FrameType | None) -> None:
    raise_from_handler(frame)


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


PROCESSES = "pids"
"""What the parameter is called that takes processes, by their numbers."""


def _as_usage_error(error: Any) -> UsageError:
    """Return one of typer's errors as ours; its hint is what was meant, or the command's help."""
    meant = getattr(error, "possibilities", None)
    if meant:
        hint = f"did you mean {' or '.join(sorted(meant))}?"
    elif getattr(getattr(error, "param", None), "name", None) == PROCESSES:
        hint = "`pgrep -af NAME` lists processes with their numbers"
    elif error.ctx is not None:
        hint = f"`{error.ctx.command_path} --help` says what there is"
    else:
        hint = "`--help` says what there is"
    return UsageError(_words(error), hint=hint)


def _is_help(error: Any) -> bool:
    """Whether it is no error, but the help that a group of commands shows where none is named."""
    return error.ctx is not None and bool(error.format_message() == error.ctx.get_help())


def _words(error: Any) -> str:
    # Of a parser's error typer keeps the text that was refused alone, not why.
    reason = error.__context__
    message = str(reason) if isinstance(reason, ValueError) else error.message
    parameter = getattr(error, "param", None)
    if parameter is not None and message:
        is_option = parameter.param_type_name == "option"
        name = parameter.opts[0] if is_option else (parameter.metavar or parameter.name).strip("[].")
        return f"{name} {message.rstrip('.')}"
    # A missing parameter's error makes its message of what is missing, another error has its own.
    text = str(error.message or error.format_message()).rstrip(".")
    return text[:1].lower() + text[1:]
