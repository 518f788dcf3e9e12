"""`ortprof container`: the image for `ortprof record --container`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.grouped_help import CommandGroup, GroupedCommand
from profiler.cli.options.shared_options import as_path
from profiler.cli.terminal.printable import say
from profiler.spec.container import IMAGE, EngineName

app = typer.Typer(
    cls=CommandGroup,
    help="Build the image for `record --container`.",
    epilog="ortprof container build",
    no_args_is_help=True,
)


@app.callback()
def container() -> None:
    """Build the image for `record --container`."""


@app.command(
    cls=GroupedCommand,
    epilog="ortprof container build\n"
    "ortprof container build --engine podman --onnxruntime onnxruntime==1.20.1",
)
def build(
    engine: Annotated[
        EngineName, typer.Option("--engine", help="Who builds and keeps it.")
    ] = EngineName.DOCKER,
    tag: Annotated[str, typer.Option("--tag", metavar="NAME", help="The image's name.")] = IMAGE,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="IMAGE",
            help="Image to start from; it needs python3 with venv.",
            show_default="python:3.12-slim",
        ),
    ] = None,
    onnxruntime: Annotated[
        str, typer.Option("--onnxruntime", metavar="REQUIREMENT", help="What pip installs into it.")
    ] = "onnxruntime",
    wheels: Annotated[
        Path | None,
        typer.Option(
            "--wheels",
            parser=as_path,
            metavar="DIR",
            help="Install from the wheels in this folder; the build gets no network.",
        ),
    ] = None,
) -> None:
    """Build an image with Python and ONNX Runtime from the Dockerfile that comes with ortprof."""
    from profiler.record.container import images
    from profiler.record.container.engine import connect

    built = images.build(connect(engine), tag, base=base, requirement=onnxruntime, wheels=wheels)
    say(f"{tag} ({built.digest[:12]})")
