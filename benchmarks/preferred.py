"""Records with a workload that goes before the machine's other programs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from profiler.record.limit import cgroup, hierarchy

if TYPE_CHECKING:
    from collections.abc import Sequence


def record(arguments: Sequence[str]) -> dict[str, Any]:
    """Run `ortprof record` with these arguments, a CPU limit among them; return the summary.

    The limit's cgroup gets all the weight there is, lest other programs decide who is late. Ends this
    process where ortprof fails.
    """
    command = [sys.executable, "-m", "profiler.cli", "record", *arguments, "--json"]
    with (
        tempfile.TemporaryFile() as document,
        subprocess.Popen(command, stdout=document, stderr=subprocess.PIPE, text=True) as child,
    ):
        for line in child.stderr or ():
            sys.stderr.write(line)
            if line.startswith("warmup"):
                _prefer(child.pid)
        if child.wait() != 0:
            sys.exit(child.returncode)
        document.seek(0)
        summary: dict[str, Any] = json.load(document)
    return summary


def _prefer(owner: int) -> None:
    """Give the cgroup of a recording all the weight that the kernel takes (cgroups(7)).

    A weight is not a limit: it keeps the machine's other programs from deciding who is late.
    """
    place = hierarchy.find()
    name, most = ("cpu.weight", 10_000) if place.version == cgroup.V2 else ("cpu.shares", 262_144)
    for parent in cgroup.parents(place):
        for folder in parent.glob(f"{cgroup.PREFIX}{owner}-*"):
            (folder / name).write_text(str(most))
