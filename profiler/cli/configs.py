"""`ortprof configs`: list and show session configurations."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options.grouped_help import CommandGroup, GroupedCommand
from profiler.cli.options.shared_options import Json
from profiler.cli.terminal.printable import say

app = typer.Typer(
    cls=CommandGroup,
    help="List session configurations, or show one to paste.",
    epilog="ortprof configs\nortprof configs show spin-off",
    invoke_without_command=True,
)


@app.callback()
def configs(context: typer.Context, json_output: Json = False) -> None:
    """List the session configurations: the presets, and yours from ortprof.toml."""
    if context.invoked_subcommand:
        return
    import msgspec
    from rich.text import Text

    from profiler.cli.terminal.console import out, print_json
    from profiler.cli.terminal.fitted_table import FittedTable, name, prose, word
    from profiler.spec.catalogue import load

    catalogue = load()
    if json_output:
        print_json(msgspec.to_builtins(catalogue))
        return
    table = FittedTable([word("name"), prose("meaning"), word("since"), name("from", rank=1)])
    for label, configuration in catalogue.configurations.items():
        table.add(
            label,
            Text.assemble(configuration.meaning, "\n", (configuration.trades, "dim")),
            configuration.since(catalogue.settings),
            catalogue.origins[label],
        )
    out().print(table)


@app.command("show", cls=GroupedCommand, epilog="ortprof configs show spin-off")
def show_one(
    name: Annotated[str, typer.Argument(help="Name of a configuration.")], json_output: Json = False
) -> None:
    """Print a configuration as TOML for ortprof.toml and as Python."""
    import msgspec

    from profiler.cli.terminal.console import print_json
    from profiler.spec.catalogue import load
    from profiler.spec.settings_code import as_code, as_toml

    catalogue = load()
    configuration = catalogue.find(name)
    if json_output:
        print_json(msgspec.to_builtins(configuration))
        return
    say(f"# ortprof.toml\n\n{as_toml(configuration)}")
    say(f"# Python\n\n{as_code(configuration, catalogue.settings)}".rstrip())
