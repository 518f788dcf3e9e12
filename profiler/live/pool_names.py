"""Names of pools that stay, while what is seen of the pools grows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.attribution.pools.inferred import pool_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(slots=True)
class PoolNames:
    """The pools of one process."""

    _members: dict[str, frozenset[int]] = field(default_factory=dict)
    _fresh: Iterator[str] = field(default_factory=pool_names)

    def name(self, pools: Sequence[Sequence[int]]) -> dict[int, str]:
        """Return the name of each thread's pool: that of the earlier pool with most of the same threads."""
        named: dict[str, frozenset[int]] = {}
        for tids in pools:
            now = frozenset(tids)
            candidates = [old for old in self._members if old not in named and self._members[old] & now]
            best = max(candidates, key=lambda old: len(self._members[old] & now), default=None)
            named[best or next(self._fresh)] = now
        self._members = {**self._members, **named}
        return {tid: name for name, tids in named.items() for tid in tids}
