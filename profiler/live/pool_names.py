"""Names of pools that stay, while what is seen of the pools grows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.attribution.pools.inferred import pool_names

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class PoolNames:
    """The pools of one process, among others that are watched with it: as in a run, no two have one name."""

    taken: set[str] = field(default_factory=set)
    """Names that pools have, of all processes together."""
    _members: dict[str, frozenset[int]] = field(default_factory=dict)

    def name(self, pools: Sequence[Sequence[int]]) -> dict[int, str]:
        """Return the name of each thread's pool: that of the earlier pool with most of the same threads."""
        named: dict[str, frozenset[int]] = {}
        for tids in pools:
            now = frozenset(tids)
            candidates = [old for old in self._members if old not in named and self._members[old] & now]
            best = max(candidates, key=lambda old: len(self._members[old] & now), default=None)
            named[best or self._fresh()] = now
        self._members = {**self._members, **named}
        return {tid: name for name, tids in named.items() for tid in tids}

    def release(self) -> None:
        """Leave the names to others: the process has ended."""
        self.taken.difference_update(self._members)

    def _fresh(self) -> str:
        name = next(name for name in pool_names() if name not in self.taken)
        self.taken.add(name)
        return name
