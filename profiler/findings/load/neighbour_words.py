"""What the service cost a neighbour on its CPUs, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import number, percent
from profiler.run.kinds import Category
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def neighbour_sentence(summary: Summary) -> list[str]:
    """Say what the neighbour got done, and what the service used meanwhile; nothing without a neighbour."""
    neighbour, measured = summary.neighbour, available(summary.measured)
    if neighbour is None or measured is None or neighbour.share is None:
        return []
    beside, undisturbed = neighbour.beside, neighbour.undisturbed
    said = (
        f"A CPU-bound neighbour on the same CPUs got {percent(neighbour.share)} of what it "
        f"gets done beside the idle service, with {number(beside.cpus)} instead of "
        f"{number(undisturbed.cpus)} CPU: "
        f"the service used {number(measured.cpu_percent / 100)}"
    )
    cpu = available(summary.cpu)
    spun = "" if cpu is None else f", {percent(cpu.share(Category.SPIN))} of it spinning by the profile"
    return [f"{said}{spun}."]
