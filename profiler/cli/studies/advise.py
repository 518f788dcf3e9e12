"""`ortprof advise`: which configuration to ship."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import COURSE, GOAL, WORKLOAD
from profiler.cli.options.input_options import ChosenOrder, InputFiles, NamedInput
from profiler.cli.options.model_options import GlobalPool, parse_models
from profiler.cli.options.numbers import number
from profiler.cli.options.place_options import Python, StartupTimeout, interpreter
from profiler.cli.options.session_options import InterOp
from profiler.cli.options.shared_options import REPORTS, Json, Reports, Store, from_store
from profiler.cli.options.study_options import Cluster
from profiler.cli.options.workload_options import Dims, Neighbour
from profiler.errors import UsageError
from profiler.record.subject.start import STARTUP_SECONDS
from profiler.spec.inputs import Lengths, parse_lengths
from profiler.spec.ranges import CALLERS, CPUS, LATENCY_MS, PROCESSES, RATE, REPEATS, SIZE
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from collections.abc import Mapping


EXAMPLES = """\
ortprof advise --p95-ms 20 --rate 10
ortprof advise mine.toml --p95-ms 20 --cluster tcp://scheduler:8786"""


def advise(  # noqa: PLR0917 - but for the study, each is an option
    p95_ms: Annotated[
        float,
        typer.Option(
            "--p95-ms",
            metavar="MS",
            parser=number(LATENCY_MS),
            help="The p95 latency that must be met.",
            rich_help_panel=GOAL,
        ),
    ],
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="[STUDY|FLEET]",
            help="A study that was run: id, directory or name. Without, one is run now.",
        ),
    ] = None,
    cpus: Annotated[
        float | None,
        typer.Option(
            "--cpus",
            metavar="CPUS",
            parser=number(CPUS),
            help="Plan for a container with this CPU limit.",
            rich_help_panel=GOAL,
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="NAME|FILE[@...]",
            help="A name from `ortprof models`, or an .onnx file; again for what else is in the process, "
            "@rate=5,config=spin-off for options of its own.",
            show_default="minilm, or the study's",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            metavar="R",
            parser=number(RATE),
            help="Requests a second.",
            show_default="1, or the study's",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    arrivals: Annotated[
        Arrivals | None,
        typer.Option(
            "--arrivals",
            help="How requests come; back to back is always tried too.",
            show_default="fixed",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            metavar="N",
            parser=number(CALLERS),
            help="Threads that may call the session: one is tried, and N. Closed arrivals have N clients.",
            show_default="1",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            metavar="N",
            parser=number(PROCESSES),
            help="Workers of one service, each with its own session and pool.",
            show_default="1",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    inter_op: InterOp = None,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            metavar="NAME",
            help="Execution provider on the CPU: cpu, xnnpack, dnnl, openvino.",
            show_default="cpu",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    global_pool: GlobalPool = False,
    tokens: Annotated[
        Lengths | None,
        typer.Option(
            "--tokens",
            metavar="N|A..B",
            parser=parse_lengths,
            help="Size of symbolic dimensions but the batch; of a range, each request draws its own.",
            show_default="10, or the study's",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(
            "--batch",
            metavar="N",
            parser=number(SIZE),
            help="Size of the batch dimension.",
            show_default="1",
            rich_help_panel=WORKLOAD,
        ),
    ] = None,
    dim: Dims = None,
    inputs: InputFiles = None,
    inputs_order: ChosenOrder = None,
    input_: NamedInput = None,
    neighbour: Neighbour = False,
    repeat: Annotated[
        int | None,
        typer.Option(
            "--repeat",
            metavar="N",
            parser=number(REPEATS),
            help="How often what could win is measured.",
            show_default="5",
            rich_help_panel=COURSE,
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Measure anew, even what was measured here before.", rich_help_panel=COURSE
        ),
    ] = False,
    python: Python = None,
    startup_timeout: StartupTimeout = STARTUP_SECONDS,
    cluster: Cluster = None,
    store: Store = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """Recommend the configuration with the least CPU time a request whose p95 surely meets a target.

    Without a study, all configurations that make sense here are measured briefly, then those that could win
    several times, then heavier loads; how long that takes is said first. What the reports folder holds of it
    already, of this machine and this ONNX Runtime, is used. Exit code 1 where no configuration surely meets
    the target.
    """
    from profiler.cli.studies.advice import investigated, show_advice
    from profiler.cli.studies.advice_wanted import Wanted, as_question
    from profiler.cli.studies.advise_fleet import advise_fleet
    from profiler.fleet.fleet_record import find_fleet
    from profiler.spec.catalogue import load
    from profiler.study.advise.evidence import of_study
    from profiler.study.results import read_results
    from profiler.study.study_record import find_study

    measuring = {
        "concurrency": concurrency,
        "processes": processes,
        "inter_op": inter_op,
        "provider": provider,
        "global_pool": global_pool or None,
        "batch": batch,
        "dim": dim,
        "inputs": inputs,
        "inputs_order": inputs_order,
        "input": input_,
        "neighbour": neighbour or None,
        "repeat": repeat,
    }
    models = parse_models(model)
    wanted = Wanted(p95_ms, None if model is None else models[0].name, cpus, rate, arrivals, tokens)
    if store is not None and study is None:
        raise UsageError("--store has studies to advise from: name one")
    if cluster is not None:
        _refuse_for_a_study(measuring)
        study = _on_a_cluster(study, cluster, reports, store, startup_seconds=startup_timeout, fresh=fresh)
        store = None
    if study is None:
        question = as_question(wanted, models, measuring)
        grounds = investigated(
            question, reports, interpreter(python), startup_seconds=startup_timeout, fresh=fresh
        )
        show_advice(grounds, grounds.cells[0].key.group, p95_ms, json_output=json_output)
        return
    _refuse_for_a_study(measuring)
    study = from_store(store, study, reports)
    fleet = find_fleet(study, reports)
    if fleet is not None:
        advise_fleet(fleet, wanted, load().settings, json_output=json_output)
        return
    grounds = of_study(read_results(find_study(study, reports)))
    show_advice(grounds, wanted.group(grounds.cells), p95_ms, json_output=json_output)


def _on_a_cluster(
    study: str | None,
    address: str,
    reports: Path,
    store: str | None,
    *,
    startup_seconds: float,
    fresh: bool,
) -> str:
    """Run a study on each machine type of a cluster, or what is left of it; return the fleet's id."""
    from profiler.cli.studies.sweep import asked_study
    from profiler.cli.studies.sweep_fleet import Chosen, definition, run_fleet

    if study is None:
        raise UsageError(
            "--cluster runs a study on machines: name one", hint="`ortprof sweep --list` has some"
        )
    if store is not None:
        raise UsageError("--cluster and --store name two places of a study", hint="leave one of them out")
    wanted = definition(study, {}, reports) or asked_study(study, {}, reports)[0]
    chosen = Chosen(address, None, (), None, {})
    return run_fleet(wanted, chosen, reports, startup_seconds=startup_seconds, fresh=fresh).fleet_id


def _refuse_for_a_study(options: Mapping[str, object]) -> None:
    """Raise `UsageError` for options that say what to measure, where nothing is measured."""
    for name, value in options.items():
        if value is not None:
            raise UsageError(
                f"--{name.replace('_', '-')} is for a study that is yet to run",
                hint="leave the study out, or this option",
            )
