"""Opens a probe of the kernel's in a thread: it notes each time that an instruction is reached (uprobe).

The kernel puts a breakpoint in the place of the instruction, in the process's own copy of that page, and
takes it back when the descriptor is closed, however we end. Nothing is left in tracefs, as of `perf probe`.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record.perf_event import ANY_CPU, SAMPLE_HAS, USE_CLOCK, Attributes, open_event

if TYPE_CHECKING:
    from collections.abc import Callable

KIND = Path("/sys/bus/event_source/devices/uprobe/type")


def kind_of_probes(path: Path = KIND) -> int:
    """Return the kernel's number for this kind of event; `MachineError` where it has none (before 4.17)."""
    try:
        return int(path.read_text())
    except (OSError, ValueError) as error:
        raise MachineError(
            "this kernel has no probes for programs (CONFIG_UPROBE_EVENTS)",
            hint="leave --probes out: requests are marked (`ortprof marks`), or inferred",
        ) from error


def prober(kind: int, file: Path, offset: int) -> Callable[[int], int]:
    """Return what opens a probe at a file's offset in a thread: a descriptor, or `OSError`."""
    name = ctypes.create_string_buffer(bytes(file))
    attributes = Attributes(
        type=kind,
        size=ctypes.sizeof(Attributes),
        sample_period=1,
        sample_type=SAMPLE_HAS,
        flags=USE_CLOCK,
        bp_addr=ctypes.addressof(name),  # config1, uprobe_path
        bp_len=offset,  # config2, probe_offset
        clockid=time.CLOCK_MONOTONIC,
    )

    def probe(tid: int, _keeps: object = name) -> int:
        return open_event(attributes, tid, ANY_CPU)

    return probe
