"""What `ortprof sweep --cluster` prints, and `ortprof show` of a fleet: a table a machine type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from profiler.fleet.fleet_record import FleetDirectory

SCHEMA = "ortprof.fleet-results/1"


def show_fleet(directory: FleetDirectory, *, json_output: bool) -> None:
    """Print what a fleet's study found on each machine type."""
    import msgspec
    from rich.text import Text

    from profiler.cli.show_study import show_results
    from profiler.cli.terminal.console import out, print_json
    from profiler.fleet.fleet_record import studies_of
    from profiler.study.results import read_results
    from profiler.study.study_document import study_document

    studies = [(machine, read_results(study.path)) for machine, study in studies_of(directory)]
    if json_output:
        print_json(
            {
                "schema": SCHEMA,
                "fleet_id": directory.fleet_id,
                "complete": bool(studies) and all(results.complete for _, results in studies),
                "machines": [
                    {"name": machine.name, **msgspec.to_builtins(machine), "study": study_document(results)}
                    for machine, results in studies
                ],
            }
        )
        return
    for machine, results in studies:
        out().print(Text(f"{machine.words}  ({machine.name})", style="bold"))
        show_results(results, json_output=False)
        out().print()
