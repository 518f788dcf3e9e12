"""`ortprof run`: a command started and profiled, with settings for its sessions where they are asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.command_options import (
    After,
    Command,
    GivenEntry,
    GivenThreads,
    Load,
    Measure,
    Name,
    OrtProfile,
    Patience,
    Probes,
    Requests,
    RequestsFormat,
    refuse_two_sources,
)
from profiler.cli.options.grouped_help import COURSE, SESSION
from profiler.cli.options.numbers import number
from profiler.cli.options.perf_options import (
    Frequency,
    KeepPerfData,
    MaxSize,
    ScopeOption,
    WaitsOption,
    in_bytes,
)
from profiler.cli.options.shared_options import (
    REPORTS,
    Json,
    NoSource,
    Open,
    Reports,
    SourceRoot,
    source_options,
)
from profiler.spec.log_format import LogFormat
from profiler.spec.ranges import ENDLESS_SECONDS, MEASURED_SECONDS
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from profiler.execute.finished_run import FinishedRun
    from profiler.spec.configuration import SessionConfiguration

EXAMPLES = """\
ortprof run -- python batch.py
ortprof run --config spin-off --load 'python client.py 8000 5' --seconds 20 -- uvicorn service:app"""
STARTUP_SECONDS = 60.0


def run(
    command: Command,
    *,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            metavar="S",
            parser=number(MEASURED_SECONDS),
            help="How long to profile.",
            show_default="until it ends, or Ctrl+C",
            rich_help_panel=COURSE,
        ),
    ] = None,
    after: After = 0.0,
    measure: Measure = 0.0,
    startup_timeout: Patience = STARTUP_SECONDS,
    load: Load = None,
    name: Name = "",
    requests: Requests = None,
    requests_format: RequestsFormat = LogFormat.JSONL,
    ort_profile: OrtProfile = None,
    probes: Probes = False,
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="NAME",
            help="Session configuration for each of its sessions; see `ortprof configs`.",
            show_default="its own",
            rich_help_panel=SESSION,
        ),
    ] = None,
    threads: GivenThreads = None,
    session_entry: GivenEntry = None,
    waits: WaitsOption = Waits.AUTO,
    scope: ScopeOption = Scope.AUTO,
    frequency: Frequency = 997,
    max_size: MaxSize = None,
    keep_perf_data: KeepPerfData = False,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
    source_root: SourceRoot = None,
    no_source: NoSource = False,
) -> None:
    """Start a command and profile it and what it starts, from when it uses ONNX Runtime.

    Its input, output and terminal are its own; what ortprof says is on standard error. Ctrl+C, SIGTERM and
    SIGHUP end the profile and are the command's then. After --seconds it goes on until it ends, or, with
    --load, is ended as Ctrl+C would. Its exit code is ortprof's. Standard output has the JSON document alone
    with --json: the command's then goes to standard error.
    """
    from profiler.cli.show import show_finished
    from profiler.cli.terminal.console import LineMonitor, err
    from profiler.execute.command_run import ENDLESS_BYTES, CommandSpec, run_command
    from profiler.record.attach import AttachSpec
    from profiler.record.command.client import parse_client
    from profiler.spec.catalogue import load as load_catalogue

    refuse_two_sources(requests, ort_profile, probes=probes)
    catalogue = load_catalogue()
    bound = in_bytes(max_size)
    spec = CommandSpec(
        command=tuple(command),
        attach=AttachSpec(
            (),
            ENDLESS_SECONDS if seconds is None else seconds,
            frequency,
            name=name,
            waits=waits,
            scope=scope,
            keep_perf_data=keep_perf_data,
            requests=requests,
            requests_format=requests_format,
            ort_profile=ort_profile,
            probes=probes,
            measure_seconds=measure,
            max_bytes=ENDLESS_BYTES if bound is None and seconds is None else bound,
        ),
        after_seconds=after,
        startup_seconds=startup_timeout,
        configuration=given(config, threads, session_entry),
        known=catalogue.settings,
        load=() if load is None else parse_client(load),
        stdout=sys.stderr.fileno() if json_output else None,
    )
    monitor = LineMonitor(err())

    def show(finished: FinishedRun) -> None:
        show_finished(finished, json_output=json_output, open_report=open_report, console=err())

    outcome = run_command(
        spec,
        reports,
        monitor,
        source=source_options(source_root, include=not no_source),
        on_finished=show,
        on_error=monitor.fail,
    )
    raise typer.Exit(outcome.exit_code)


def given(config: str | None, threads: int | None, entries: list[str] | None) -> SessionConfiguration | None:
    """Return what sessions are to get; None where nothing was said. `UsageError` for unfit settings."""
    from profiler.cli.options.session_options import configuration
    from profiler.spec.catalogue import load as load_catalogue
    from profiler.spec.configuration import SessionConfiguration, parse_entry

    if config is not None:
        return configuration(load_catalogue(), config, threads, None, entries)
    if threads is None and not entries:
        return None
    own = SessionConfiguration(name="as-is", meaning="The program's own settings, but for what was changed.")
    return own.adjusted(threads=threads, entries=dict(parse_entry(entry) for entry in entries or []))
