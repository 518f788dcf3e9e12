"""`ortprof trial`: one command under several session configurations, in turns, and which to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.command_options import After, Command, Load, Patience, Requests, RequestsFormat
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
    from typing import Any

    from rich.console import Console

    from profiler.execute.trial_run import TrialFolder, TrialSpec
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration
    from profiler.study.intervals import Interval
    from profiler.study.trial.verdict import TrialVerdict

EXAMPLES = """\
ortprof trial --load 'python client.py 8000 5' -- uvicorn service:app --workers 2
ortprof trial --configs spin-on,spin-off --rounds 5 --load 'wrk -d 1h http://127.0.0.1:8000' -- ./server"""
CONFIGS = "as-is,spin-off,single-thread"
FEWEST = 2
SCHEMA = "ortprof.trial-verdict/1"


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
    p95: Annotated[
        float | None,
        typer.Option(
            "--p95",
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
    from profiler.cli.terminal.console import err, print_json, study_monitoring
    from profiler.execute.command_run import CommandSpec
    from profiler.execute.trial_run import TrialSpec, go_on, open_trial
    from profiler.record.attach import AttachSpec
    from profiler.record.command.client import parse_client
    from profiler.spec.catalogue import load as load_catalogue
    from profiler.study.trial.trial_record import read_trial
    from profiler.study.trial.verdict import judge

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
    )
    folder = open_trial(spec, _name(command), reports, fresh=fresh)
    error = None
    with study_monitoring(reports) as monitor:
        _announce(spec, folder)
        try:
            go_on(spec, folder, monitor)
        except OrtprofError as failed:
            error = failed
    done = read_trial(folder.path)
    if done.runs:
        verdict = judge(done, p95)
        if json_output:
            print_json(_document(verdict, catalogue, done.trial_id))
        else:
            _print(verdict, catalogue)
    err().print(f"\nRuns: {folder.path / 'runs'}", soft_wrap=True, markup=False)
    if error is not None:
        if done.runs:
            error.kept = f"{len(done.runs)} runs in {folder.path}; the same command line goes on"
        raise error
    if p95 is not None and verdict.chosen is None:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _name(command: list[str]) -> str:
    return command[0].rpartition("/")[2]


def _configurations(names: str, catalogue: Catalogue) -> tuple[SessionConfiguration, ...]:
    from profiler.execute.trial_run import AS_IS
    from profiler.spec.configuration import SessionConfiguration

    own = SessionConfiguration(name=AS_IS, meaning="What the program asks for itself.")
    given = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if len(given) < FEWEST:
        raise UsageError(
            f"--configs {names}: two configurations at least", hint=f"for example --configs {CONFIGS}"
        )
    return tuple(own if name == AS_IS else catalogue.find(name) for name in given)


def _announce(spec: TrialSpec, folder: TrialFolder) -> None:
    from profiler.cli.terminal.printable import tell
    from profiler.execute.trial_run import estimated_seconds
    from profiler.findings.formats import duration

    names = ", ".join(configuration.label for configuration in spec.configurations)
    done = len(folder.trial.runs)
    going_on = f"going on with {folder.path.name}, {done} runs done; " if done else ""
    left = duration(estimated_seconds(spec, folder.trial))
    tell(f"{going_on}{names}, {spec.rounds} rounds: about {left}")


def _text(value: Interval | None, single: float | None) -> str:
    from profiler.findings.formats import ms
    from profiler.study.advise.phrases import interval

    if value is not None:
        return interval(value)
    return "too few requests" if single is None else ms(single)


def _print(verdict: TrialVerdict, catalogue: Catalogue) -> None:
    from rich.text import Text

    from profiler.cli.terminal.console import out

    console = out()
    console.print(Text(verdict.headline, style="bold"))
    for sentence in verdict.sentences:
        console.print(Text(sentence))
    console.print()
    _table(console, verdict)
    for title, text in _to_paste(verdict, catalogue):
        console.print(Text(f"\n# {title}\n", style="bold"))
        console.print(Text(text), end="", soft_wrap=True)


def _table(console: Console, verdict: TrialVerdict) -> None:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name, word
    from profiler.study.intervals import Statistic

    titles = ("CPU, of one core", "CPU time a request", "p95", "requests", "rounds")
    table = FittedTable([name("configuration"), *map(figure, titles), word("requests known by", rank=2)])
    for candidate in verdict.tried:
        cpu = next((run.cpu_ms for run in candidate.runs), None)
        latencies = candidate.runs[0].latency_ms
        p95 = None
        if Statistic.P95.supported(len(latencies)):
            import numpy as np

            p95 = float(Statistic.P95.of(np.array(latencies)))
        sources = {"nothing" if run.source is None else run.source.value for run in candidate.runs}
        table.add(
            candidate.label + (" (void)" if candidate.void else ""),
            f"{candidate.cpu_percent:.2f} %",
            _text(candidate.cpu_ms, cpu),
            _text(candidate.p95_ms, p95),
            f"{candidate.requests:,}",
            str(len(candidate.runs)),
            ", ".join(sorted(sources)),
        )
    console.print(table)


def _to_paste(verdict: TrialVerdict, catalogue: Catalogue) -> list[tuple[str, str]]:
    from profiler.execute.trial_run import AS_IS
    from profiler.spec.node_code import NAME, as_node
    from profiler.spec.settings_code import CPP, PYTHON, as_code

    if verdict.chosen is None or verdict.chosen.configuration.name == AS_IS:
        return []
    configuration = verdict.chosen.configuration
    known = catalogue.settings
    return [
        *((language.name, as_code(configuration, known, language)) for language in (PYTHON, CPP)),
        (NAME, as_node(configuration, known)),
    ]


def _document(verdict: TrialVerdict, catalogue: Catalogue, trial_id: str) -> dict[str, Any]:
    import msgspec

    def interval(value: Interval | None) -> dict[str, float] | None:
        return None if value is None else {"estimate": value.estimate, "low": value.low, "high": value.high}

    return {
        "schema": SCHEMA,
        "trial": trial_id,
        "chosen": None if verdict.chosen is None else verdict.chosen.label,
        "headline": verdict.headline,
        "sentences": list(verdict.sentences),
        "configurations": [
            {
                "label": candidate.label,
                "void": candidate.void,
                "cpu_percent": candidate.cpu_percent,
                "cpu_ms_per_request": interval(candidate.cpu_ms),
                "p95_ms": interval(candidate.p95_ms),
                "requests": candidate.requests,
                "runs": [msgspec.to_builtins(run) for run in candidate.runs],
            }
            for candidate in verdict.tried
        ],
        "settings": dict(_to_paste(verdict, catalogue)),
    }
