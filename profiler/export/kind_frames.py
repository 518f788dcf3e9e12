"""Where a kind stands in formats that know call chains alone: as a frame of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from profiler.export.formats import KindFrame

if TYPE_CHECKING:
    from collections.abc import Sequence

    Function = TypeVar("Function")


def with_kind(functions: Sequence[Function], kind: Function, where: KindFrame) -> list[Function]:
    """Return a chain (the thread's start first) with its kind's frame, both as a format names functions."""
    return [kind, *functions] if where is KindFrame.OUTERMOST else [*functions, kind]
