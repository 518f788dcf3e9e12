"""`ortprof sweep`: a study, that is a matrix of runs, from its definition to one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from profiler.cli.options.input_options import ChosenOrder, InputFiles, NamedInput
from profiler.cli.options.numbers import names, numbers, spans
from profiler.cli.options.place_options import Python, StartupTimeout
from profiler.cli.options.shared_options import (
    REPORTS,
    Json,
    Open,
    Price,
    Reports,
    prices,
    put_into_store,
)
from profiler.cli.options.study_options import (
    ArrivalProcesses,
    Beside,
    Callers,
    Cluster,
    Configs,
    CpuLimits,
    DryRun,
    Fresh,
    InterOpThreads,
    KeepPerfData,
    ListStudies,
    LocalCluster,
    Machines,
    MeasureSeconds,
    ModelNames,
    ProfileSeconds,
    ProviderName,
    Rates,
    Repeats,
    RetryFailed,
    ShardText,
    SharedPool,
    StoreUrl,
    StudyName,
    StudySeed,
    ThreadCounts,
    TokenLengths,
    WarmupSeconds,
    Workers,
)
from profiler.errors import UsageError, WorkloadError
from profiler.record.subject.start import STARTUP_SECONDS
from profiler.spec.ranges import CALLERS, CPUS, PROCESSES, RATE, THREADS
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from profiler.spec.study import Study
    from profiler.study.results import StudyResults
    from profiler.study.study_record import StudyDirectory

EXAMPLES = """\
ortprof sweep --configs spin-on,spin-off --rates 1,10,50 --repeat 3
ortprof sweep article --dry-run"""


def sweep(  # noqa: PLR0917 - each is an option, never positional
    study: StudyName = None,
    configs: Configs = None,
    models: ModelNames = None,
    cpu_limits: CpuLimits = None,
    rates: Rates = None,
    arrivals: ArrivalProcesses = None,
    threads: ThreadCounts = None,
    inter_op: InterOpThreads = None,
    concurrency: Callers = None,
    processes: Workers = None,
    provider: ProviderName = None,
    global_pool: SharedPool = None,
    inputs: InputFiles = None,
    inputs_order: ChosenOrder = None,
    input_: NamedInput = None,
    tokens: TokenLengths = None,
    repeat: Repeats = None,
    seed: StudySeed = None,
    warmup: WarmupSeconds = None,
    measure: MeasureSeconds = None,
    profile: ProfileSeconds = None,
    neighbour: Beside = None,
    shard: ShardText = None,
    cluster: Cluster = None,
    local_cluster: LocalCluster = None,
    machines: Machines = None,
    dry_run: DryRun = False,
    fresh: Fresh = False,
    retry_failed: RetryFailed = False,
    list_studies: ListStudies = False,
    python: Python = None,
    startup_timeout: StartupTimeout = STARTUP_SECONDS,
    keep_perf_data: KeepPerfData = False,
    store: StoreUrl = None,
    price: Price = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
) -> None:
    """Run a matrix of configurations, models, limits and rates, interleaved and repeated; write one page.

    Options take the place of what the study says. A study that was interrupted is continued when the same
    is asked for again: finished runs are never repeated, and a finished study is only shown. A run that
    fails is noted and passed over; the exit code is then 4. Configurations that this ONNX Runtime does not
    honour are left out with a warning.
    """
    from profiler.cli.show_study import print_studies, show_results
    from profiler.cli.studies.local_study import LocalStudy
    from profiler.cli.terminal.console import out, print_json
    from profiler.spec.study import NO_LIMIT
    from profiler.study.study_document import studies_document

    if list_studies:
        if json_output:
            print_json(studies_document(reports))
        else:
            print_studies(out(), reports)
        return
    options: dict[str, Any] = {
        "configs": names("--configs", configs),
        "models": names("--models", models),
        "cpu_limits": numbers("--cpu-limits", cpu_limits, CPUS, word=NO_LIMIT),
        "rates": numbers("--rates", rates, RATE),
        "arrivals": names("--arrivals", arrivals, [arrival.value for arrival in Arrivals]),
        "threads": numbers("--threads", threads, THREADS),
        "inter_op": inter_op,
        "concurrency": numbers("--concurrency", concurrency, CALLERS),
        "processes": numbers("--processes", processes, PROCESSES),
        "provider": provider,
        "global_pool": global_pool,
        "input": None if input_ is None else dict(text.partition("=")[::2] for text in input_),
        "inputs": None if inputs is None else str(inputs),
        "inputs_order": None if inputs_order is None else inputs_order.value,
        "tokens": spans("--tokens", tokens),
        "repeat": repeat,
        "seed": seed,
        "warmup_seconds": warmup,
        "measure_seconds": measure,
        "profile_seconds": profile,
        "neighbour": neighbour,
    }
    given = {key: value for key, value in options.items() if value is not None}
    if (cluster, local_cluster, machines) != (None, None, None):
        from profiler.cli.studies.sweep_fleet import Chosen, definition, sweep_fleet

        _refuse_with_a_cluster({"--shard": shard, "--python": python, "--dry-run": dry_run or None})
        sweep_fleet(
            definition(study, given, reports) or asked_study(study, given, reports)[0],
            Chosen(cluster, local_cluster, tuple(names("--machines", machines) or ()), store, prices(price)),
            reports,
            startup_seconds=startup_timeout,
            fresh=fresh,
            retry_failed=retry_failed,
            json_output=json_output,
            open_page=open_report,
        )
        return
    local = LocalStudy(
        *asked_study(study, given, reports),
        python,
        shard,
        startup_timeout,
        keep_perf_data,
        fresh,
        retry_failed,
    )
    if dry_run:
        local.dry(reports, json_output=json_output)
        return
    results = local.run(reports)
    put_into_store(store, results.directory)
    show_results(results, json_output=json_output)
    if open_report:
        typer.launch(str(results.directory.page.resolve()))
    _judge(results)


def asked_study(
    name: str | None, options: dict[str, Any], reports: Path
) -> tuple[Study, StudyDirectory | None]:
    """Return the study that a command line asks for, and the directory of one that was begun."""
    from profiler.run.runs import AmbiguousNameError
    from profiler.spec.study_file import load_study, make_study, overridden, shipped_studies, unknown_study
    from profiler.study.study_record import StudyDirectory, find_study, read_record

    if name is None:
        if "configs" not in options:
            raise UsageError(
                "there is no study to run",
                hint="name one (`ortprof sweep --list`), give a TOML file, or choose --configs",
            )
        return make_study("options", {"name": "sweep", **options}), None
    if Path(name).suffix == ".toml":
        return overridden(load_study(Path(name)), options), None
    shipped = shipped_studies()
    if name in shipped:
        return overridden(shipped[name], options), None
    try:
        begun = StudyDirectory(find_study(name, reports))
    except AmbiguousNameError:
        raise
    except UsageError:
        raise unknown_study(name) from None
    if options:
        raise UsageError(f"{begun.study_id} was begun with options of its own", hint="leave all others out")
    return read_record(begun).study, begun


def _refuse_with_a_cluster(options: dict[str, object]) -> None:
    for option, value in options.items():
        if value is not None:
            raise UsageError(f"{option} is not for a study over a cluster", hint="leave it out")


def _judge(results: StudyResults) -> None:
    """Warn of what is missing; end with the workload's exit code where runs failed."""
    from profiler.cli.terminal.console import err
    from profiler.study.study_record import State

    count = [run.state for run in results.record.schedule].count
    if count(State.REFUSED):
        err().print(f"{count(State.REFUSED)} runs were left out: their settings need a newer ONNX Runtime")
    if count(State.FAILED):
        raise WorkloadError(
            f"{count(State.FAILED)} of {len(results.record.mine)} runs failed",
            hint=f"`ortprof sweep {results.directory.path} --retry-failed` tries them again",
        )
