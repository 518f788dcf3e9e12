"""`ortprof models`: list, prepare and export models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.grouped_help import CommandGroup, GroupedCommand
from profiler.cli.options.shared_options import Json, as_path
from profiler.cli.terminal.printable import say

app = typer.Typer(
    cls=CommandGroup,
    help="List, prepare and export models.",
    epilog="ortprof models\nortprof models prepare bert-large",
    invoke_without_command=True,
)


@app.callback()
def models(context: typer.Context, json_output: Json = False) -> None:
    """List the models that have a name."""
    if context.invoked_subcommand:
        return
    from profiler.cli.terminal.console import out, print_json
    from profiler.cli.terminal.fitted_table import FittedTable, figure, prose, word
    from profiler.models.model_cache import default_folder, model_path
    from profiler.models.shipped import CATALOGUE

    rows = [
        {
            "name": name,
            "meaning": entry.meaning,
            "parameters": entry.config.parameters,
            "prepared": model_path(default_folder(), name).exists(),
        }
        for name, entry in CATALOGUE.items()
    ]
    if json_output:
        print_json(rows)
        return
    table = FittedTable([word("name"), figure("parameters"), word("prepared"), prose("meaning")])
    for row in rows:
        table.add(
            str(row["name"]),
            f"{int(str(row['parameters'])) / 1e6:,.1f} M",
            "yes" if row["prepared"] else "no",
            str(row["meaning"]),
        )
    out().print(table)


@app.command(
    cls=GroupedCommand,
    epilog="ortprof models prepare minilm\n"
    "ortprof models prepare minilm --weights sentence-transformers/all-MiniLM-L6-v2",
)
def prepare(
    name: Annotated[str, typer.Argument(help="Name of a model; see `ortprof models`.")],
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE", help="Real weights: a Hugging Face id or a folder. Default: synthetic."
        ),
    ] = None,
) -> None:
    """Put a model into the cache, with synthetic weights or real ones."""
    from profiler.cli.terminal.console import model_progress
    from profiler.models.prepare import prepare as prepare_model

    with model_progress() as progress:
        prepared = prepare_model(name, weights=weights, progress=progress)
    say(f"{prepared.path} ({prepared.weights} weights)")


@app.command(
    cls=GroupedCommand, epilog="ortprof models inputs minilm\nortprof models inputs model.onnx --json"
)
def inputs(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Name of a model, or an .onnx file.")],
    json_output: Json = False,
) -> None:
    """Say what a model wants to be fed with, and give an example that runs."""
    from profiler.cli.terminal.console import model_progress, out, print_json
    from profiler.cli.terminal.fitted_table import FittedTable, figure, prose, word
    from profiler.models.prepare import resolve
    from profiler.models.wanted_inputs import example, wanted_inputs

    with model_progress() as progress:
        path = resolve(name, progress=progress).path
    wanted = wanted_inputs(path)
    command = example(name, wanted)
    if json_output:
        tensors = [
            {
                "name": tensor.name,
                "type": tensor.type,
                "shape": list(tensor.shape),
                "table_rows": tensor.rows,
                "decides": [dependence.words for dependence in tensor.decides],
                "suggestion": tensor.suggestion or None,
            }
            for tensor in wanted
        ]
        print_json({"model": name, "inputs": tensors, "example": command})
        return
    table = FittedTable(
        [word("input"), word("type"), word("shape"), figure("table rows"), prose("its values decide")]
    )
    for tensor in wanted:
        table.add(
            tensor.name,
            tensor.type,
            tensor.shape_words,
            "-" if tensor.rows is None else f"{tensor.rows:,}",
            ", ".join(dict.fromkeys(dependence.words for dependence in tensor.decides)) or "nothing",
        )
    out().print(table)
    say(
        "\nWhat is not given is made up: integers 0 or 1, masks 1, floats standard normal. "
        f"Nearer to a service:\n\n    {command}"
    )


@app.command(cls=GroupedCommand, epilog="ortprof models export distilbert-base-uncased -o distilbert")
def export(
    source: Annotated[str, typer.Argument(help="Hugging Face id or a local folder.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", parser=as_path, metavar="DIR", help="Folder for the model.")
    ],
    feature: Annotated[str, typer.Option(help="The model's head.")] = "sequence-classification",
) -> None:
    """Export a model to ONNX through transformers and torch."""
    from profiler.cli.terminal.console import model_progress
    from profiler.models.export import export as export_model

    with model_progress() as progress:
        path = export_model(source, feature=feature, output=output, progress=progress)
    say(str(path))
