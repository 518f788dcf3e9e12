"""Collapsed stacks: a line a call chain, `outermost;...;innermost weight`, as flame graph tools read them.

Format: https://github.com/brendangregg/FlameGraph, stackcollapse-perf.pl. A chain's kind stands innermost, as
`[spin-idle]`. Weights are microseconds of CPU time; their decimals are nanoseconds, so that nothing is lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.attribution.analysis import Profile

SUFFIX = ".collapsed.txt"
STRUCTURAL = re.compile(r"[;\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What would end a frame or a line, and what a terminal obeys."""


class Collapsed:
    """CPU time by call chain and kind."""

    suffix = SUFFIX

    def write(self, profile: Profile, out: BinaryIO) -> None:
        """Write the lines, each distinct chain and kind once, in the order in which they were first seen."""
        out.writelines(line.encode("utf-8", "replace") for line in _lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    frames = [STRUCTURAL.sub("\N{REPLACEMENT CHARACTER}", name) for name, _ in profile.functions.names]
    merged: dict[tuple[tuple[int, ...], str], float] = {}
    for chain in profile.functions.chains:
        key = chain.functions, chain.kind.value
        merged[key] = merged.get(key, 0.0) + chain.cpu_ns
    for unsampled, cpu_ns in profile.attribution.unsampled_ns.items():
        merged[(), unsampled.value] = merged.get(((), unsampled.value), 0.0) + cpu_ns
    # Rounded on the running sum: then the lines sum to the whole, to the nanosecond.
    before = exact = 0.0
    for (functions, kind), cpu_ns in merged.items():
        exact += cpu_ns
        weight, before = round(exact) - before, round(exact)
        if weight:
            path = ";".join([*(frames[function] for function in functions), f"[{kind}]"])
            yield f"{path} {weight / 1e3:.3f}\n"
