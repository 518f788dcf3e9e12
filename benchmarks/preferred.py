"""Records with a workload that goes before the machine's other programs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from profiler.record.container.engine import tell
from profiler.record.limit import cgroup, hierarchy
from profiler.record.owner import owner_of
from profiler.spec.container import EngineName

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def record(arguments: Sequence[str], *, container: str | None = None) -> dict[str, Any]:
    """Run `ortprof record` with these arguments, a CPU limit among them; return the summary.

    The limit's cgroup gets all the weight there is, lest other programs decide who is late. Ends this
    process where ortprof fails.
    """
    engine = ["--container", container] if container else []
    command = [sys.executable, "-m", "profiler.cli", "record", *arguments, *engine, "--json"]
    with (
        tempfile.TemporaryFile() as document,
        subprocess.Popen(command, stdout=document, stderr=subprocess.PIPE, text=True) as child,
    ):
        for line in child.stderr or ():
            sys.stderr.write(line)
            if line.startswith("warmup"):
                _prefer_recording(child.pid, container)
        if child.wait() != 0:
            sys.exit(child.returncode)
        document.seek(0)
        summary: dict[str, Any] = json.load(document)
    return summary


def _prefer_recording(recorder: int, container: str | None) -> None:
    """Prefer a recording's cgroup, and with a container's those above it, which the engine made."""
    owner = owner_of(recorder)
    if owner is None:
        return
    if container is None:
        place = hierarchy.find()
        folders = [parent / owner.name for parent in cgroup.parents(place) if (parent / owner.name).exists()]
    else:
        asked = tell(EngineName(container), "container", "inspect", "--format", "{{.State.Pid}}", owner.name)
        place = hierarchy.find(pid=int(asked))
        folders = [folder for folder in place.upwards() if folder != place.mount]
    for folder in folders:
        _prefer(folder, place.version)


def _prefer(folder: Path, version: int) -> None:
    """Give a cgroup all the weight that the kernel takes (cgroups(7)).

    A weight is not a limit: it keeps the machine's other programs from deciding who is late.
    """
    name, most = ("cpu.weight", 10_000) if version == cgroup.V2 else ("cpu.shares", 262_144)
    (folder / name).write_text(str(most))
