"""What a study is and how it goes: the options of `ortprof sweep`."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options.grouped_help import COURSE, MATRIX, OUTPUT, PHASES
from profiler.cli.options.numbers import number
from profiler.cli.options.shared_options import STORE_HELP, as_text
from profiler.spec.ranges import MEASURED_SECONDS, REPEATS, SECONDS, SEED, THREADS

LIST = "LIST"

StudyName = Annotated[
    str | None,
    typer.Argument(
        metavar="[STUDY]",
        help="A TOML file, a shipped study (--list), or the id or directory of one to go on with.",
    ),
]
Configs = Annotated[
    str | None,
    typer.Option(
        "--configs", metavar=LIST, help="Session configurations: spin-on,spin-off", rich_help_panel=MATRIX
    ),
]
ModelNames = Annotated[
    str | None,
    typer.Option("--models", metavar=LIST, help="Models: minilm,bert-large", rich_help_panel=MATRIX),
]
CpuLimits = Annotated[
    str | None,
    typer.Option("--cpu-limits", metavar=LIST, help="CPU limits: none,0.1,0.5", rich_help_panel=MATRIX),
]
Rates = Annotated[
    str | None,
    typer.Option("--rates", metavar=LIST, help="Requests a second: 1,10,50", rich_help_panel=MATRIX),
]
ArrivalProcesses = Annotated[
    str | None,
    typer.Option("--arrivals", metavar=LIST, help="fixed, poisson, closed", rich_help_panel=MATRIX),
]
ThreadCounts = Annotated[
    str | None,
    typer.Option(
        "--threads",
        metavar=LIST,
        help="intra_op_num_threads of each configuration: 1,2,4",
        rich_help_panel=MATRIX,
    ),
]
InterOpThreads = Annotated[
    int | None,
    typer.Option(
        "--inter-op",
        metavar="N",
        parser=number(THREADS),
        help="Parallel execution with inter_op_num_threads N, of each configuration with a pool.",
        rich_help_panel=MATRIX,
    ),
]
Callers = Annotated[
    str | None,
    typer.Option(
        "--concurrency",
        metavar=LIST,
        help="Threads that call the session: 1,2,4",
        rich_help_panel=MATRIX,
    ),
]
Workers = Annotated[
    str | None,
    typer.Option(
        "--processes",
        metavar=LIST,
        help="Workers of one service, each with its own session and pool: 1,4",
        rich_help_panel=MATRIX,
    ),
]
ProviderName = Annotated[
    str | None,
    typer.Option(
        "--provider",
        metavar="NAME",
        help="Execution provider on the CPU: cpu, xnnpack, dnnl, openvino.",
        rich_help_panel=MATRIX,
    ),
]
TokenLengths = Annotated[
    str | None,
    typer.Option(
        "--tokens",
        metavar=LIST,
        help="Size of symbolic dimensions but the batch: 10,128; of a range (8..128), each request "
        "draws its own.",
        rich_help_panel=MATRIX,
    ),
]
SharedPool = Annotated[
    bool | None,
    typer.Option(
        "--global-pool/--no-global-pool",
        help="All sessions of a process share the environment's thread pool.",
        rich_help_panel=MATRIX,
        show_default=False,
    ),
]
Beside = Annotated[
    bool | None,
    typer.Option(
        "--neighbour/--no-neighbour",
        help="A CPU-bound program on the same CPUs while measuring.",
        rich_help_panel=PHASES,
        show_default=False,
    ),
]
Repeats = Annotated[
    int | None,
    typer.Option(
        "--repeat",
        metavar="N",
        parser=number(REPEATS),
        help="How often each cell is measured.",
        rich_help_panel=MATRIX,
    ),
]
StudySeed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        parser=number(SEED),
        help="Of the order of runs, arrivals and inputs.",
        rich_help_panel=MATRIX,
    ),
]
WarmupSeconds = Annotated[
    float | None,
    typer.Option(
        "--warmup",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds before measuring.",
        rich_help_panel=PHASES,
    ),
]
MeasureSeconds = Annotated[
    float | None,
    typer.Option(
        "--measure",
        metavar="S",
        parser=number(MEASURED_SECONDS),
        help="Seconds of each measurement.",
        rich_help_panel=PHASES,
    ),
]
ProfileSeconds = Annotated[
    float | None,
    typer.Option(
        "--profile",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds of the profile, once a cell.",
        rich_help_panel=PHASES,
    ),
]
ShardText = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Run one of N parts of the study; `ortprof merge` makes them one.",
        rich_help_panel=COURSE,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Run it on each machine type of a Dask cluster: its scheduler's address (docs/fleet.md).",
        rich_help_panel=COURSE,
    ),
]
LocalCluster = Annotated[
    int | None,
    typer.Option(
        "--local-cluster",
        metavar="N",
        min=1,
        max=64,
        help="Start a cluster of N workers here, to try that.",
        rich_help_panel=COURSE,
    ),
]
Machines = Annotated[
    str | None,
    typer.Option(
        "--machines",
        metavar="LIST",
        help="Only on machine types whose name has one of these in it: epyc,xeon",
        rich_help_panel=COURSE,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Say what would run and how long it would take, and stop.",
        rich_help_panel=COURSE,
    ),
]
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh", help="Begin anew, even where the same study was run or begun.", rich_help_panel=COURSE
    ),
]
RetryFailed = Annotated[
    bool,
    typer.Option("--retry-failed", help="When going on: try runs again that failed.", rich_help_panel=COURSE),
]
ListStudies = Annotated[
    bool,
    typer.Option(
        "--list",
        help="List the shipped studies, and those in the reports folder.",
        rich_help_panel=COURSE,
    ),
]
KeepPerfData = Annotated[
    bool,
    typer.Option("--keep-perf-data", help="Keep perf.data after it was analysed.", rich_help_panel=OUTPUT),
]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", parser=as_text, metavar="URL", help=STORE_HELP, rich_help_panel=OUTPUT),
]
