"""`ortprof record`: one run, from a configuration's name to an HTML report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.interpreters import Ort, Python, choose_ort
from profiler.cli.options import (
    REPORTS,
    CpuBurst,
    CpuLimit,
    CpuPeriod,
    Engine,
    Image,
    Json,
    NoSource,
    Open,
    Reports,
    SourceRoot,
    parse_dims,
    source_options,
)
from profiler.errors import InterruptedRunError, UsageError
from profiler.spec.waits import Waits
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from profiler.spec.workload import Workload


def record(  # noqa: PLR0917 - each is an option, never positional
    config: Annotated[
        str, typer.Option("--config", metavar="NAME", help="Session configuration; see `ortprof configs`.")
    ] = "spin-on",
    model: Annotated[
        str,
        typer.Option("--model", metavar="NAME|FILE", help="A name from `ortprof models`, or an .onnx file."),
    ] = "minilm",
    rate: Annotated[float, typer.Option("--rate", metavar="R", help="Requests a second.")] = 1.0,
    arrivals: Annotated[
        Arrivals, typer.Option("--arrivals", help="fixed and poisson are open loop; closed is back to back.")
    ] = Arrivals.FIXED,
    tokens: Annotated[
        int, typer.Option("--tokens", metavar="N", min=1, help="Size of symbolic dimensions but the batch.")
    ] = 10,
    batch: Annotated[
        int, typer.Option("--batch", metavar="N", min=1, help="Size of the batch dimension.")
    ] = 1,
    dim: Annotated[
        list[str] | None, typer.Option("--dim", metavar="NAME=SIZE", help="Size of one symbolic dimension.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="For poisson arrivals and made-up inputs.")
    ] = 0,
    warmup: Annotated[float, typer.Option("--warmup", metavar="S", help="Seconds before measuring.")] = 2.0,
    measure: Annotated[
        float, typer.Option("--measure", metavar="S", help="Seconds with nothing attached.")
    ] = 20.0,
    profile: Annotated[
        float, typer.Option("--profile", metavar="S", help="Seconds with perf attached.")
    ] = 10.0,
    frequency: Annotated[
        int, typer.Option("--frequency", metavar="HZ", min=1, max=25000, help="Samples a second and CPU.")
    ] = 997,
    waits: Annotated[
        Waits,
        typer.Option(
            "--waits",
            help="Time off the CPU: switches alone, with call chains and futex calls (trace), or not.",
        ),
    ] = Waits.AUTO,
    operators: Annotated[
        bool,
        typer.Option(
            "--operators",
            help="A further phase as long as --profile, with ONNX Runtime's own profiler: time by operator.",
        ),
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", min=0, max=1024, help="intra_op_num_threads for this run."),
    ] = None,
    session_entry: Annotated[
        list[str] | None,
        typer.Option("--session-entry", metavar="KEY=VALUE", help="A session config entry for this run."),
    ] = None,
    cpu_limit: CpuLimit = None,
    cpu_period: CpuPeriod = None,
    cpu_burst: CpuBurst = None,
    container: Engine = None,
    image: Image = None,
    ort: Ort = None,
    python: Python = None,
    source_root: SourceRoot = None,
    no_source: NoSource = False,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
) -> None:
    """Measure a workload untouched, then profile it with perf, and write an HTML hot-path report.

    Ctrl+C ends the phase that runs and analyses what there is; a second one aborts.
    """
    from profiler.cli.show import print_summary
    from profiler.cli.terminal import model_progress, monitoring, out, print_json
    from profiler.execute.one_run import execute
    from profiler.models.prepare import resolve
    from profiler.record.run_spec import RunSpec
    from profiler.run.summary import to_document
    from profiler.spec.catalogue import load
    from profiler.spec.configuration import parse_entry
    from profiler.spec.container import make_container
    from profiler.spec.limit import make_limit
    from profiler.spec.workload import make_workload

    if operators and not profile:
        raise UsageError("--operators wants a profile phase, and --profile is 0", hint="leave --profile away")
    if operators and container:
        raise UsageError(
            "--operators does not work in containers: ONNX Runtime writes its profile inside",
            hint="leave --container away for it",
        )
    catalogue = load()
    configuration = catalogue.find(config).adjusted(
        threads=threads, entries=dict(parse_entry(entry) for entry in session_entry or [])
    )
    limit = make_limit(cpu_limit, period_ms=cpu_period, burst_ms=cpu_burst)
    contained = make_container(container, image, limit)
    program, build = choose_ort(ort, python, contained)
    source = source_options(source_root, include=not no_source)

    def workload(name: str, path: Path, weights: str) -> Workload:
        return make_workload(
            model=name,
            model_path=str(path.resolve()),
            weights=weights,
            batch=batch,
            tokens=tokens,
            dims=parse_dims(dim or []),
            arrivals=arrivals,
            rate=rate,
            seed=seed,
            warmup_seconds=warmup,
            measure_seconds=measure,
            profile_seconds=profile,
            operators_seconds=profile if operators else 0.0,
        )

    workload(model, Path(model), "")  # wrong values are refused before a model is built
    with model_progress() as progress:
        prepared = resolve(model, progress=progress)
    spec = RunSpec(
        configuration=configuration,
        workload=workload(prepared.name, prepared.path, prepared.weights),
        settings=catalogue.settings,
        python=program,
        frequency_hz=frequency,
        limit=limit,
        container=contained,
        waits=waits,
        build=build,
    )
    try:
        with monitoring() as monitor:
            finished = execute(spec, reports, monitor, source=source)
    except KeyboardInterrupt:
        raise InterruptedRunError(f"interrupted; what was recorded is kept in {reports}") from None
    if json_output:
        print_json(to_document(finished.analysis.summary))
    else:
        console = out()
        print_summary(console, finished.analysis.summary)
        console.print(f"\nReport: {finished.run.report}", soft_wrap=True, markup=False)
    if open_report:
        typer.launch(str(finished.run.report.resolve()))
    if not finished.analysis.manifest.complete:
        raise typer.Exit(InterruptedRunError.exit_code)
