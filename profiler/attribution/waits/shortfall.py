"""What the switch records of a phase leave out of its CPU time, said as the doubt that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.run.doubt import Doubt

if TYPE_CHECKING:
    from profiler.run.sections.wait_section import WaitFigures

LEAST_CHECK = 0.98
"""From here on the times between switches stand for the CPU time."""


def shortfall(waits: WaitFigures, switches: int, cpu_ns: int) -> tuple[Doubt, ...]:
    """Return a doubt where the time between `switches` falls short of the `cpu_ns` that were counted."""
    check = waits.cpu_check
    if check is None or check >= LEAST_CHECK or not switches:
        return ()
    each_us = (1 - check) * cpu_ns / switches / 1e3
    return (
        Doubt(
            "exact waits",
            f"the switch records leave out {100 * (1 - check):.0f} % of the CPU time, {each_us:.1f} µs a "
            "switch: the scheduler's and perf's work around each, which counts as waiting here",
            "--scope cpus and --waits trace come nearest; shares of CPU time are scaled to what the kernel "
            "counted and lack nothing",
        ),
    )
