"""Where an instruction's address lies: in which file, at which offset; in the kernel, in which function.

Read from /proc/PID/maps, anew when an address lies in none of them, but not all the time: code that is made
as it runs lies in no file.
"""

from __future__ import annotations

import bisect
import re
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from profiler import files
from profiler.record.target.mappings import DELETED, PROC

MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ..x. ([0-9a-f]+) \S+ \d+ *(.*)$", re.MULTILINE)
"""proc_pid_maps(5); those with code."""
KERNEL = "[kernel.kallsyms]"
"""As perf calls it."""
SYMBOLS = Path("/proc/kallsyms")
TEXT_TYPES = frozenset("tTwW")
AGAIN_S = 1.0
MOST_SYMBOLS_BYTES = 64 << 20


class CodePlace(NamedTuple):
    """Where code stands."""

    file: str
    """Its path as the process sees it, or a name in brackets; empty for code in no file."""
    offset: int
    """In the file; else the address itself."""
    symbol: str = ""
    """The kernel's function; of files, whoever opens them finds it."""


@dataclass(slots=True)
class CodePlaces:
    """The code of some processes."""

    _maps: dict[int, _Maps] = field(default_factory=dict)

    def find(self, pid: int, address: int, *, in_kernel: bool) -> CodePlace:
        """Return where a process's address lies."""
        if in_kernel:
            return CodePlace(KERNEL, address, kernel_function(address))
        maps = self._maps.setdefault(pid, _Maps(pid))
        return maps.find(address)

    def forget(self, pids: set[int]) -> None:
        """Keep nothing of processes other than these."""
        self._maps = {pid: maps for pid, maps in self._maps.items() if pid in pids}


@dataclass(slots=True)
class _Maps:
    pid: int
    _starts: list[int] = field(default_factory=list)
    _rows: list[tuple[int, int, str]] = field(default_factory=list)
    """End, offset and path of each mapping."""
    _read_at: float | None = None

    def find(self, address: int) -> CodePlace:
        found = self._look(address)
        if found is None and (self._read_at is None or time.monotonic() - self._read_at >= AGAIN_S):
            self._read()
            found = self._look(address)
        return found or CodePlace("", address)

    def _look(self, address: int) -> CodePlace | None:
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        end, offset, path = self._rows[index]
        if address >= end:
            return None
        return CodePlace(path, address - self._starts[index] + offset if path.startswith("/") else address)

    def _read(self) -> None:
        self._read_at = time.monotonic()
        try:
            text = (PROC / str(self.pid) / "maps").read_text(errors="replace")
        except OSError:  # it has ended
            return
        self._starts, self._rows = [], []
        for start, end, offset, path in parse_mappings(text):
            self._starts.append(start)
            self._rows.append((end, offset, path))


def parse_mappings(text: str) -> list[tuple[int, int, int, str]]:
    """Return start, end, offset and path of each mapping with code, in order of address."""
    return [
        (int(start, 16), int(end, 16), int(offset, 16), path.replace(r"\012", "\n").removesuffix(DELETED))
        for start, end, offset, path in MAPPING.findall(text)
    ]


def kernel_function(address: int) -> str:
    """Return the kernel's function at an address; empty where the kernel does not say."""
    starts, names = _kernel_functions()
    index = bisect.bisect_right(starts, address) - 1
    return names[index] if index >= 0 else ""


@cache
def _kernel_functions() -> tuple[list[int], list[str]]:
    try:
        with files.open_regular(SYMBOLS) as file:
            return parse_symbols(file.read(MOST_SYMBOLS_BYTES).decode(errors="replace"))
    except OSError:
        return [], []


def parse_symbols(text: str) -> tuple[list[int], list[str]]:
    """Return functions' addresses, in order, and their names; none where the kernel hides addresses (zeros).

    Format: proc(5), /proc/kallsyms.
    """
    rows = sorted(
        (int(address, 16), name)
        for address, kind, name in (line.split()[:3] for line in text.splitlines() if line.count(" ") > 1)
        if kind in TEXT_TYPES and address.strip("0")
    )
    return [address for address, _ in rows], [name for _, name in rows]
