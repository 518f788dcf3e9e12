"""What `ortprof sweep --cluster` prints, and `ortprof show` of a fleet: a table a machine type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from profiler.fleet.fleet_record import FleetDirectory
    from profiler.study.machines.across import Across, OnMachine

SCHEMA = "ortprof.fleet-results/1"


def show_fleet(directory: FleetDirectory, prices: dict[str, float], *, json_output: bool) -> None:
    """Write a fleet's page, and print what its study found on each machine type and on all."""
    from profiler.cli.terminal.console import out, print_json
    from profiler.fleet.fleet_results import read_machines, write_fleet_page
    from profiler.study.machines.across import across

    machines = read_machines(directory, prices)
    write_fleet_page(directory, machines)
    if json_output:
        print_json(_document(directory, across(machines)))
        return
    console = out()
    for compared in across(machines):
        _print_group(console, compared, machines)
    console.print(f"Page: {directory.page}", soft_wrap=True, markup=False)


def _document(directory: FleetDirectory, groups: list[Across]) -> dict[str, Any]:
    import msgspec

    from profiler.fleet.fleet_record import studies_of
    from profiler.study.results import read_results
    from profiler.study.study_document import study_document

    studies = [(machine, read_results(study.path)) for machine, study in studies_of(directory)]
    return {
        "schema": SCHEMA,
        "fleet_id": directory.fleet_id,
        "complete": bool(studies) and all(results.complete for _, results in studies),
        "page": str(directory.page),
        "groups": [group_document(group) for group in groups],
        "machines": [
            {"name": machine.name, **msgspec.to_builtins(machine), "study": study_document(results)}
            for machine, results in studies
        ],
    }


def group_document(compared: Across) -> dict[str, Any]:
    """Return what is best on each machine type, and for all, as JSON has it."""
    import msgspec

    group = compared.group
    return {
        "model": group.model,
        "limit": msgspec.to_builtins(group.limit),
        "rate": group.rate,
        "arrivals": group.arrivals.value,
        "best": {name: row.key.configuration for name, row in compared.best.items()},
        "common": compared.common,
        "gains": {name: {"share": gain.share, "sure": gain.sure} for name, gain in compared.gains.items()},
    }


def _print_group(console: Console, compared: Across, machines: list[OnMachine]) -> None:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.findings.formats import NOTHING, number
    from profiler.study.interval_words import figure_text
    from profiler.study.machines.across import spin_window_ms
    from profiler.study.machines.machine_sentences import machine_sentences

    console.print(Text(compared.group.words, style="bold"))
    priced = any(machine.price is not None for machine in machines)
    titles = ["CPU ms/req", "p95 ms", "spin window ms", *(["cost of 1,000,000 requests"] if priced else [])]
    columns = [figure(title, rank=rank) for title, rank in zip(titles, (0, 0, 2, 1), strict=False)]
    table = FittedTable([name("machine type", least=20), name("configuration"), *columns])
    for machine in machines:
        for label in compared.labels:
            row = compared.rows.get((label, machine.name))
            if row is not None:
                best = compared.best.get(machine.name) is row
                others = [spin_window_ms(row), *([machine.cost(row)] if priced else [])]
                table.add(
                    machine.words,
                    Text(label, style="green" if best else ""),
                    *(NOTHING if one is None else figure_text(one) for one in (row.cpu_ms, row.p95_ms)),
                    *(NOTHING if value is None else number(value) for value in others),
                )
    console.print(table)
    for sentence in machine_sentences(compared, machines):
        console.print(Text(sentence))
    console.print()
