"""Figures of a run directory's files as types with their ranges: what is out of range ends at the reader.

Wide enough for whatever a machine can count, narrow enough that no sum or product of a few overflows. NaN and
infinities are in none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import Enum

Each = TypeVar("Each", bound="Enum")

LATEST_NS = 1 << 59
"""Eighteen years: more than a machine is up, and eight of them still fit into 64 bits."""
LAST_TID = (1 << 31) - 1

Nanoseconds: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=LATEST_NS)]
"""A duration, or an instant of CLOCK_MONOTONIC."""
AnyClock: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
"""An instant in nanoseconds of any clock; CLOCK_REALTIME counts from 1970."""
Tick: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=LATEST_NS)]
"""Nanoseconds between two readings."""
Milliseconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
SignedMilliseconds: TypeAlias = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
"""A difference."""
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Number: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
"""A mean of counts, a ratio, CPUs, or percent of one core."""
Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1.000_001)]
"""From 0 to 1; sums of rounded parts may be a little above."""
Points: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=100.000_1)]
"""Percentage points between two shares."""
ThreadId: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=LAST_TID)]
"""Of a thread or a process; 0 is the kernel's idle one."""
BuildId: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})+$")]
"""Of an ELF file, in hexadecimal."""
CpuNumber: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]
Address: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
LineNumber: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=(1 << 31) - 1)]


def require_each(name: str, given: Mapping[Each, object], wanted: Iterable[Each]) -> None:
    """Raise `ValueError` with what a table by kind lacks."""
    for kind in wanted:
        if kind not in given:
            raise ValueError(f"`{name}` lacks {kind.value!r}")
