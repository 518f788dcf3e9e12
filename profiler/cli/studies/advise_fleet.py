"""`ortprof advise FLEET`: one set of settings for all machine types, and what each would gain by its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from profiler.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from profiler.cli.studies.advice_wanted import Wanted
    from profiler.fleet.fleet_record import FleetDirectory
    from profiler.spec.configuration import SessionConfiguration, Setting
    from profiler.study.machines.across import Across, OnMachine

SCHEMA = "ortprof.fleet-advice/1"


def advise_fleet(
    directory: FleetDirectory, wanted: Wanted, settings: dict[str, Setting], *, json_output: bool
) -> None:
    """Recommend one configuration for all of a fleet's machine types, and one for each."""
    from profiler.cli.show_fleet import group_document
    from profiler.cli.terminal.console import out, print_json
    from profiler.fleet.fleet_results import read_machines
    from profiler.spec.settings_code import CPP, CSHARP, PYTHON, as_code
    from profiler.study.machines.machine_sentences import machine_sentences

    machines = read_machines(directory, {})
    compared = _group(machines, wanted)
    sentences = machine_sentences(compared, machines, wanted.p95_ms)
    chosen = _configuration(compared)
    code = {
        language.name: as_code(chosen, settings, language)
        for language in (PYTHON, CPP, CSHARP)
        if chosen is not None
    }
    if json_output:
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "fleet_id": directory.fleet_id,
            "target": {"p95_ms": wanted.p95_ms},
            **group_document(compared),
            "words": sentences,
            "settings": code,
        }
        print_json(document)
    else:
        from rich.text import Text

        for sentence in sentences:
            out().print(Text(sentence))
        for title, text in code.items():
            out().print(Text(f"\n# {title}\n", style="bold"))
            out().print(Text(text), end="", soft_wrap=True)
    if chosen is None:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _group(machines: list[OnMachine], wanted: Wanted) -> Across:
    """Return the model, limit and load that is meant."""
    from profiler.study.machines.across import across

    cells = [row.cell for machine in machines for row in machine.rows]
    if not cells:
        raise UsageError("the fleet has no machine yet", hint="`ortprof sweep --cluster` measures on one")
    group = wanted.group(cells)
    return next(compared for compared in across(machines, wanted.p95_ms) if compared.group == group)


def _configuration(compared: Across) -> SessionConfiguration | None:
    rows = [row for (label, _), row in compared.rows.items() if label == compared.common]
    return rows[0].cell.configuration if rows else None
