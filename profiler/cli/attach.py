"""`ortprof attach`: processes that run already, profiled as they are."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options.command_options import (
    Name,
    OrtProfile,
    Probes,
    Requests,
    RequestsFormat,
    refuse_two_sources,
)
from profiler.cli.options.grouped_help import COURSE, PERF
from profiler.cli.options.numbers import number
from profiler.cli.options.perf_options import KeepPerfData, MaxSize, ScopeOption, WaitsOption, in_bytes
from profiler.cli.options.shared_options import (
    REPORTS,
    Json,
    NoSource,
    Open,
    Reports,
    SourceRoot,
    source_options,
)
from profiler.cli.options.whom_options import Container, Engine, Pids, named_pids
from profiler.cli.show import show_finished
from profiler.errors import ExitCode, UsageError
from profiler.spec.container import EngineName
from profiler.spec.light import FREQUENCY_HZ as LIGHT_HZ
from profiler.spec.log_format import LogFormat
from profiler.spec.ranges import FREQUENCY, MEASURED_SECONDS
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits

EXAMPLES = """\
ortprof attach 4711 --follow --name checkout
ortprof attach 4711 --light --seconds 300
ortprof attach --container checkout"""

SECONDS, LIGHT_SECONDS = 10.0, 60.0
FREQUENCY_HZ = 997


AttachFrequency = Annotated[
    int | None,
    typer.Option(
        "--frequency",
        metavar="HZ",
        parser=number(FREQUENCY),
        help="Samples a second and CPU.",
        show_default=f"{FREQUENCY_HZ}, with --light {LIGHT_HZ}, the most there",
        rich_help_panel=PERF,
    ),
]


def attach(
    pids: Pids = None,
    *,
    container: Container = None,
    engine: Engine = EngineName.DOCKER,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            metavar="S",
            parser=number(MEASURED_SECONDS),
            help="How long to watch.",
            show_default=f"{SECONDS:g}, with --light {LIGHT_SECONDS:g}",
            rich_help_panel=COURSE,
        ),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Their children too, also those that they start meanwhile: gunicorn, uvicorn --workers.",
            rich_help_panel=COURSE,
        ),
    ] = False,
    light: Annotated[
        bool,
        typer.Option(
            "--light",
            help="For production: 49 samples a second, of addresses alone, without perf (docs/light.md).",
            rich_help_panel=COURSE,
        ),
    ] = False,
    name: Name = "",
    requests: Requests = None,
    requests_format: RequestsFormat = LogFormat.JSONL,
    ort_profile: OrtProfile = None,
    probes: Probes = False,
    waits: WaitsOption = Waits.AUTO,
    scope: ScopeOption = Scope.AUTO,
    frequency: AttachFrequency = None,
    max_size: MaxSize = None,
    keep_perf_data: KeepPerfData = False,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
    source_root: SourceRoot = None,
    no_source: NoSource = False,
) -> None:
    """Profile processes that run ONNX Runtime already, without a restart and without touching them.

    A process in a container goes by its number on this machine, all of a container by --container. Ctrl+C
    ends the recording and analyses what there is.
    """
    from profiler.cli.terminal.console import monitoring
    from profiler.execute.one_run import execute_attached
    from profiler.record.attach import AttachSpec

    refuse_two_sources(requests, ort_profile, probes=probes)
    if light:
        _refuse_with_light(frequency, waits, max_size, keep_perf_data=keep_perf_data)
    spec = AttachSpec(
        pids=named_pids(pids, container, engine),
        seconds=seconds or (LIGHT_SECONDS if light else SECONDS),
        frequency_hz=frequency or (LIGHT_HZ if light else FREQUENCY_HZ),
        follow=follow or container is not None,
        name=name or container or "",
        waits=waits,
        scope=scope,
        keep_perf_data=keep_perf_data,
        requests=requests,
        requests_format=requests_format,
        ort_profile=ort_profile,
        probes=probes,
        light=light,
        max_bytes=in_bytes(max_size),
    )
    source = source_options(source_root, include=not no_source)
    with monitoring() as monitor:
        finished = execute_attached(spec, reports, monitor, source=source)
    show_finished(finished, json_output=json_output, open_report=open_report)
    if not finished.analysis.manifest.complete:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _refuse_with_light(
    frequency: int | None, waits: Waits, max_size: float | None, *, keep_perf_data: bool
) -> None:
    """Raise `UsageError` for what a light recording does not have."""
    if frequency is not None and frequency > LIGHT_HZ:
        raise UsageError(f"--light samples {LIGHT_HZ} times a second at most", hint="leave --frequency out")
    if waits not in (Waits.AUTO, Waits.OFF):
        raise UsageError(
            f"--light records no waits, so not --waits {waits.value}", hint="leave one of them out"
        )
    if keep_perf_data:
        raise UsageError("--light makes no perf.data to keep", hint="leave --keep-perf-data out")
    if max_size is not None:
        raise UsageError("--light makes no perf.data to bound", hint="leave --max-size out")
