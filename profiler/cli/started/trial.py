"""`ortprof trial`: one command under several session configurations, in turns, and which to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.command_options import (
    After,
    Command,
    Load,
    Patience,
    Probes,
    Requests,
    RequestsFormat,
    refuse_two_sources,
)
from profiler.cli.options.grouped_help import COURSE, GOAL, SESSION
from profiler.cli.options.numbers import number
from profiler.cli.options.perf_options import Frequency, ScopeOption, WaitsOption
from profiler.cli.options.shared_options import REPORTS, Json, Reports
from profiler.cli.started.run import STARTUP_SECONDS
from profiler.errors import ExitCode, OrtprofError, UsageError
from profiler.spec.log_format import LogFormat
from profiler.spec.ranges import LATENCY_MS, MEASURED_SECONDS, REPEATS
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from profiler.execute.trial_run import TrialSpec
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration
    from profiler.study.trial.trial_directory import TrialDirectory

EXAMPLES = """\
ortprof trial --load 'python client.py 8000 5' -- uvicorn service:app --workers 2
ortprof trial --configs spin-on,spin-off --rounds 5 --load 'wrk -d 1h http://127.0.0.1:8000' -- ./server"""
CONFIGS = "as-is,spin-off,single-thread"
FEWEST = 2


def trial(
    command: Command,
    *,
    configs: Annotated[
        str,
        typer.Option(
            "--configs",
            metavar="A,B,...",
            help="Session configurations; others are held against the first. as-is: the program's own.",
            rich_help_panel=SESSION,
        ),
    ] = CONFIGS,
    rounds: Annotated[
        int,
        typer.Option(
            "--rounds",
            metavar="N",
            parser=number(REPEATS),
            help="Runs of each configuration, in turns.",
            rich_help_panel=COURSE,
        ),
    ] = 3,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            metavar="S",
            parser=number(MEASURED_SECONDS),
            help="Of each run to measure, and to profile in the first round or where requests are inferred.",
            rich_help_panel=COURSE,
        ),
    ] = 20.0,
    after: After = 2.0,
    load: Load = None,
    startup_timeout: Patience = STARTUP_SECONDS,
    requests: Requests = None,
    requests_format: RequestsFormat = LogFormat.JSONL,
    probes: Probes = False,
    p95_ms: Annotated[
        float | None,
        typer.Option(
            "--p95-ms",
            metavar="MS",
            parser=number(LATENCY_MS),
            help="Latency that a configuration must surely meet.",
            show_default="not surely more than the first's",
            rich_help_panel=GOAL,
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Begin anew where the same trial was interrupted.",
            rich_help_panel=COURSE,
        ),
    ] = False,
    waits: WaitsOption = Waits.AUTO,
    scope: ScopeOption = Scope.AUTO,
    frequency: Frequency = 997,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """Start a command under each configuration in turn, load it, and say which configuration to choose.

    Nothing of the program is changed: its sessions are given the settings when they are made. Ctrl+C ends it
    with a verdict on what is done; the same command line again goes on.
    """
    from profiler.cli.show_trial import show_trial
    from profiler.cli.terminal.console import study_monitoring
    from profiler.execute.command_run import CommandSpec
    from profiler.execute.trial_run import TrialSpec, go_on, open_trial
    from profiler.findings.formats import count
    from profiler.record.attach import AttachSpec
    from profiler.record.command.client import parse_client
    from profiler.spec.catalogue import load as load_catalogue

    refuse_two_sources(requests, None, probes=probes)
    catalogue = load_catalogue()
    chosen = _configurations(configs, catalogue)
    attach = AttachSpec(
        pids=(),
        seconds=seconds,
        frequency_hz=frequency,
        waits=waits,
        scope=scope,
        requests=requests,
        requests_format=requests_format,
        probes=probes,
    )
    spec = TrialSpec(
        CommandSpec(
            command=tuple(command),
            attach=attach,
            after_seconds=after,
            startup_seconds=startup_timeout,
            known=catalogue.settings,
            load=() if load is None else parse_client(load),
        ),
        chosen,
        rounds,
        p95_ms,
    )
    directory = open_trial(spec, _name(command), reports, fresh=fresh)
    error = None
    with study_monitoring(reports) as monitor:
        _announce(spec, directory)
        try:
            go_on(spec, directory, monitor)
        except OrtprofError as failed:
            error = failed
    if error is not None and not directory.path.is_dir():
        raise error
    verdict = show_trial(directory, json_output=json_output)
    if error is not None:
        done = 0 if verdict is None else sum(len(tried.runs) for tried in verdict.tried)
        kept = (
            f"{count(done, 'run')} in {directory.path}" if done else f"what it printed, in {directory.output}"
        )
        error.kept = f"{kept}; the same command line goes on"
        raise error
    if p95_ms is not None and (verdict is None or verdict.chosen is None):
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _name(command: list[str]) -> str:
    from profiler.run.program_name import program_name

    return program_name(command).rpartition(" ")[2]


def _configurations(names: str, catalogue: Catalogue) -> tuple[SessionConfiguration, ...]:
    from profiler.spec.configuration import SessionConfiguration
    from profiler.study.trial.trial_record import AS_IS

    own = SessionConfiguration(name=AS_IS, meaning="What the program asks for itself.")
    given = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if len(given) < FEWEST:
        raise UsageError(
            f"--configs {names}: two configurations at least", hint=f"for example --configs {CONFIGS}"
        )
    return tuple(own if name == AS_IS else catalogue.find(name) for name in given)


def _announce(spec: TrialSpec, directory: TrialDirectory) -> None:
    from profiler.cli.terminal.printable import tell
    from profiler.execute.trial_run import estimated_seconds
    from profiler.findings.formats import count, duration
    from profiler.study.trial.trial_record import read_trial

    trial = read_trial(directory.path)
    names = ", ".join(configuration.label for configuration in spec.configurations)
    done = len(trial.runs)
    going_on = f"going on with {directory.trial_id}, {count(done, 'run')} done; " if done else ""
    left = duration(estimated_seconds(spec, trial))
    tell(f"{going_on}{names}, {count(spec.rounds, 'round')}: about {left}")
