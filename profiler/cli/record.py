"""`ortprof record`: one run, from a configuration's name to an HTML report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from profiler.cli.options.input_options import (
    TOKENS,
    InputFiles,
    InputOrder,
    NamedInput,
    Tokens,
    any_file,
    make_inputs,
)
from profiler.cli.options.model_options import (
    Concurrency,
    GlobalPool,
    ModelAsked,
    Models,
    Processes,
    parse_models,
)
from profiler.cli.options.perf_options import (
    Frequency,
    KeepPerfData,
    MaxSize,
    ScopeOption,
    WaitsOption,
    in_bytes,
)
from profiler.cli.options.place_options import (
    CpuBurst,
    CpuLimit,
    CpuPeriod,
    Engine,
    Image,
    Ort,
    Python,
    StartupTimeout,
    choose_ort,
)
from profiler.cli.options.session_options import (
    Config,
    InterOp,
    Provider,
    SessionEntry,
    Threads,
    configuration,
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
from profiler.cli.options.workload_options import (
    ArrivalsOption,
    Batch,
    Dims,
    Measure,
    Neighbour,
    Operators,
    Profile,
    Rate,
    Seed,
    Warmup,
    WorkloadOptions,
)
from profiler.cli.show import show_finished
from profiler.errors import ExitCode, UsageError
from profiler.record.subject.start import STARTUP_SECONDS
from profiler.spec.inputs import Order
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.execute.finished_run import FinishedRun
    from profiler.listing.source_text import SourceOptions
    from profiler.record.run_spec import RunSpec
    from profiler.spec.configuration import SessionConfiguration

EXAMPLES = """\
ortprof record --config spin-off --rate 10
ortprof record --model model.onnx --tokens 128 --cpu-limit 0.5"""


def record(  # noqa: PLR0917 - each is an option, never positional
    model: Models = None,
    rate: Rate = 1.0,
    arrivals: ArrivalsOption = Arrivals.FIXED,
    concurrency: Concurrency = 1,
    tokens: Tokens = TOKENS,
    batch: Batch = 1,
    dim: Dims = None,
    inputs: InputFiles = None,
    inputs_order: InputOrder = Order.CYCLED,
    input_: NamedInput = None,
    seed: Seed = 0,
    global_pool: GlobalPool = False,
    processes: Processes = 1,
    config: Config = "spin-on",
    threads: Threads = None,
    inter_op: InterOp = None,
    provider: Provider = "cpu",
    session_entry: SessionEntry = None,
    warmup: Warmup = 2.0,
    measure: Measure = 20.0,
    profile: Profile = 10.0,
    neighbour: Neighbour = False,
    operators: Operators = False,
    cpu_limit: CpuLimit = None,
    cpu_period: CpuPeriod = None,
    cpu_burst: CpuBurst = None,
    container: Engine = None,
    image: Image = None,
    ort: Ort = None,
    python: Python = None,
    startup_timeout: StartupTimeout = STARTUP_SECONDS,
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
    """Measure a workload untouched, then profile it with perf, and write an HTML hot-path report.

    Ctrl+C ends the phase that runs and analyses what there is; a second one aborts.
    """
    from profiler.record.run_spec import RunSpec
    from profiler.spec.catalogue import load
    from profiler.spec.container import make_container
    from profiler.spec.global_pool import refuse_unfit
    from profiler.spec.limit import make_limit

    if container:
        _refuse_in_containers(
            operators=operators,
            files=inputs is not None or any_file(input_),
            models=len(model or ()),
            processes=processes,
        )
    if neighbour and not measure:
        raise UsageError("--neighbour runs while measuring, and --measure is 0", hint="leave --measure away")
    catalogue = load()
    asked = parse_models(model)

    def configure(asked: ModelAsked) -> SessionConfiguration:
        own_threads = threads if asked.threads is None and asked.config is None else asked.threads
        own_inter_op = inter_op if asked.inter_op is None else asked.inter_op
        return configuration(catalogue, asked.config or config, own_threads, own_inter_op, session_entry)

    session = configure(asked[0])
    limit = make_limit(cpu_limit, period_ms=cpu_period, burst_ms=cpu_burst)
    contained = make_container(container, image, limit)
    program, build = choose_ort(ort, python, contained)
    source = source_options(source_root, include=not no_source)
    workload = WorkloadOptions(
        models=asked,
        rate=rate,
        arrivals=arrivals,
        concurrency=concurrency,
        tokens=tokens,
        batch=batch,
        dims=dim,
        inputs=make_inputs(inputs, inputs_order, input_),
        seed=seed,
        global_pool=global_pool,
        processes=processes,
        provider=provider,
        warmup=warmup,
        measure=measure,
        profile=profile,
        operators=operators,
    )
    prepared = workload.prepare(configure)
    refuse_unfit(session, prepared)
    spec = RunSpec(
        configuration=session,
        workload=prepared,
        settings=catalogue.settings,
        python=program,
        frequency_hz=frequency,
        limit=limit,
        container=contained,
        waits=waits,
        scope=scope,
        neighbour=neighbour,
        max_bytes=in_bytes(max_size),
        keep_perf_data=keep_perf_data,
        startup_seconds=startup_timeout,
        build=build,
    )
    finished = _execute(spec, reports, source)
    show_finished(finished, json_output=json_output, open_report=open_report)
    if not finished.analysis.manifest.complete:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _refuse_in_containers(*, operators: bool, files: bool, models: int, processes: int) -> None:
    if processes > 1:
        raise UsageError(
            "in a container there is one process",
            hint="leave --container away for --processes",
        )
    if models > 1:
        raise UsageError("in a container there is one --model", hint="leave --container away for several")
    if operators:
        raise UsageError(
            "--operators does not work in containers: ONNX Runtime writes its profile inside",
            hint="leave --container away for it",
        )
    if files:
        raise UsageError(
            "input files are not read in containers",
            hint="draw inputs there (--input NAME=uniform(A,B)), or leave --container away",
        )


def _execute(spec: RunSpec, reports: Path, source: SourceOptions) -> FinishedRun:
    from profiler.cli.terminal.console import monitoring
    from profiler.execute.one_run import execute

    with monitoring() as monitor:
        return execute(spec, reports, monitor, source=source)
