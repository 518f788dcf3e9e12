"""Where the workload runs: under which limit, in which container, in which Python with its ONNX Runtime."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import profiler
from profiler.cli.options.grouped_help import PLACE
from profiler.cli.options.numbers import number
from profiler.cli.options.shared_options import as_text
from profiler.errors import UsageError
from profiler.spec.container import PYTHON, EngineName
from profiler.spec.ort_build import OrtConfig
from profiler.spec.ranges import BURST_MS, CPUS, PERIOD_MS, STARTUP

if TYPE_CHECKING:
    from profiler.spec.container import ContainerSpec

CpuLimit = Annotated[
    float | None,
    typer.Option(
        "--cpu-limit",
        metavar="CPUS",
        parser=number(CPUS),
        help="CFS quota for the workload, as docker's --cpus.",
        rich_help_panel=PLACE,
    ),
]
CpuPeriod = Annotated[
    float | None,
    typer.Option(
        "--cpu-period",
        metavar="MS",
        parser=number(PERIOD_MS),
        help="The quota's period; without it, 100.",
        rich_help_panel=PLACE,
    ),
]
CpuBurst = Annotated[
    float | None,
    typer.Option(
        "--cpu-burst",
        metavar="MS",
        parser=number(BURST_MS),
        help="Unused quota to carry over.",
        rich_help_panel=PLACE,
    ),
]

Engine = Annotated[
    EngineName | None,
    typer.Option(
        "--container",
        help="Run the workload in a container; see docs/containers.md.",
        rich_help_panel=PLACE,
    ),
]
Image = Annotated[
    str | None,
    typer.Option(
        "--image",
        metavar="IMAGE",
        help="The container's image.",
        show_default="ortprof, which `ortprof container build` makes",
        rich_help_panel=PLACE,
    ),
]

INTERPRETER_HINT = "give the path of a Python interpreter, or its name on PATH"

Python = Annotated[
    str | None,
    typer.Option(
        "--python",
        parser=as_text,
        metavar="FILE",
        help="Interpreter whose ONNX Runtime to profile: a path, or a name on PATH.",
        show_default="the one that runs ortprof; in a container python3",
        rich_help_panel=PLACE,
    ),
]

StartupTimeout = Annotated[
    float,
    typer.Option(
        "--startup-timeout",
        metavar="S",
        parser=number(STARTUP),
        help="Seconds that the workload may owe an answer: to start, to open the model, to end a phase.",
        rich_help_panel=PLACE,
    ),
]

Ort = Annotated[
    OrtConfig | None,
    typer.Option(
        "--ort",
        help="Build of ONNX Runtime: the one beside ortprof, or one of scripts/build_ort_debug.sh.",
        show_default="release",
        rich_help_panel=PLACE,
    ),
]


def interpreter(python: str | None) -> str:
    """Return the path of --python's interpreter, without following links: a venv's python is one.

    With a slash it is a path, as in a shell, and that very file; without, PATH is searched. `UsageError`
    where there is no such program.
    """
    name = python or sys.executable
    path = name if "/" in name else shutil.which(name)
    if path is None:
        raise UsageError(f"--python {name}: no such program on PATH", hint=INTERPRETER_HINT)
    try:
        if not Path(path).is_file():
            raise UsageError(f"--python {name}: no such file", hint=INTERPRETER_HINT)
    except ValueError as error:
        raise UsageError(f"--python {name}: {error}", hint=INTERPRETER_HINT) from error
    if not os.access(path, os.X_OK):
        raise UsageError(f"--python {name}: not a program that you may run", hint=INTERPRETER_HINT)
    return str(Path(path).absolute())


def choose_ort(
    ort: OrtConfig | None, python: str | None, container: ContainerSpec | None
) -> tuple[str, OrtConfig | None]:
    """Return the interpreter, and which build it was chosen for: None when it was named.

    In a container it is the image's, by its name there.
    """
    if container is not None:
        if ort is not None:
            raise UsageError("--ort names a build on this machine, not the image's", hint="leave --ort away")
        return python or PYTHON, None
    if python is not None:
        if ort is not None:
            raise UsageError("--ort and --python name two interpreters", hint="leave one of them out")
        return interpreter(python), None
    build = ort or OrtConfig.RELEASE
    return interpreter(str(build.interpreter(Path(sys.executable), build_folders()))), build


def build_folders() -> list[Path]:
    """Where builds of ONNX Runtime are looked for: $ORTPROF_BUILD alone, else ./build and the checkout's."""
    named = os.environ.get("ORTPROF_BUILD")
    if named:
        return [Path(named)]
    checkout = Path(profiler.__file__).resolve().parents[1]
    return [Path.cwd() / "build", checkout / "build"]
