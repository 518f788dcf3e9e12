"""What a fleet's study found: each machine type's study, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.fleet.fleet_record import read_fleet, studies_of
from profiler.pages.fleet.fleet_page import render_fleet
from profiler.run.directory import address
from profiler.study.cell_figures import study_figures
from profiler.study.machines.across import OnMachine
from profiler.study.results import read_results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.fleet.fleet_record import FleetDirectory


def read_machines(directory: FleetDirectory, prices: Mapping[str, float]) -> list[OnMachine]:
    """Return what was found on each machine type, with its price by the hour.

    A price belongs to the machine types whose name has its key in it. `UsageError` where none has.
    """
    machines = []
    unused = dict(prices)
    for machine, study in studies_of(directory):
        price = None
        for part, amount in prices.items():
            if machine.is_called(part):
                price = amount
                unused.pop(part, None)
        results = read_results(study.path)
        link = f"{address(study.path.name)}/{study.page.name}" if study.page.is_file() else ""
        rows = tuple(study_figures(results))
        machines.append(OnMachine(machine.name, machine.words, machine.cpus, rows, link, price))
    if unused:
        known = ", ".join(machine.name for machine, _ in studies_of(directory))
        raise UsageError(f"--price {next(iter(unused))}: no such machine type", hint=f"there are: {known}")
    return machines


def write_fleet_page(directory: FleetDirectory, machines: list[OnMachine]) -> None:
    """Write fleet.html; `NotWrittenError` when it can't be written."""
    record = read_fleet(directory)
    facts = [
        ("Study", record.study.title or record.study.name),
        ("Begun", record.created),
        ("ortprof", record.ortprof),
        *(("Machine type", f"{machine.words} ({machine.name})") for machine in machines),
        *(
            ("Price", f"{machine.price:g} an hour for {machine.words}, all CPUs busy")
            for machine in machines
            if machine.price is not None
        ),
    ]
    page = render_fleet(record.study.title or record.study.name, directory.fleet_id, machines, facts)
    files.write(directory.page, page.encode())
