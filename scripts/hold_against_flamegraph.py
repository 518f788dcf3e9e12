"""Hold `ortprof import` of FlameGraph's test texts against FlameGraph's own results, stack by stack.

    scripts/hold_against_flamegraph.py FLAMEGRAPH/test

Reads `*.txt` there and `results/*-collapsed-tid.txt` of each. What stackcollapse-perf.pl does to names
(signatures cut off, quotes dropped, `[library]` for a name that perf does not know) is done to ours here.
Process names are left out: those of a trace are a thread's last, FlameGraph's the sample's.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import ExitCode
from profiler.intake import perf_text
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.trace.model import Trace

RESULT = "-collapsed-tid.txt"


def ours(path: Path) -> Counter[str]:
    """Return our stacks of the event that comes first, as FlameGraph writes them."""
    trace = perf_text.take(_closed(path)).trace
    found: Counter[str] = Counter()
    samples, stacks = trace.samples, trace.stacks
    columns = (samples.event.tolist(), samples.weight.tolist(), samples.stack.tolist())
    for event, weight, stack in zip(*columns, strict=True):
        if event != 0:
            continue
        frames = (
            [] if stack == NONE else stacks.frames[stacks.offsets[stack] : stacks.offsets[stack + 1]].tolist()
        )
        names = [name for frame in frames for name in _names(trace, frame)]
        found[";".join(reversed(names))] += max(weight, 1)
    return found


def _closed(path: Path) -> list[bytes]:
    """Return a text's lines to the last blank one: stackcollapse-perf.pl drops a sample before none."""
    lines = path.read_bytes().splitlines(keepends=True)
    while lines and lines[-1].strip():
        lines.pop()
    return lines


def _names(trace: Trace, frame: int) -> list[str]:
    symbol, dso = int(trace.frames.symbol[frame]), int(trace.frames.dso[frame])
    raw = "[unknown]" if symbol == NONE else trace.strings[symbol]
    library = "[unknown]" if dso == NONE else trace.strings[dso]
    if raw.startswith("("):
        return []
    names = []
    for part in raw.split("->"):
        name = part
        if name == "[unknown]":
            name = "[unknown]" if library == "[unknown]" else f"[{library.rsplit('/', 1)[-1]}]"
        name = name.replace(";", ":")
        if not re.search(r"\.\(.*\)\.", name):
            name = re.sub(r"\((?!anonymous namespace\)).*", "", name)
        name = name.replace('"', "").replace("'", "")
        names.append(name)
    return list(reversed(names))


def theirs(path: Path) -> Counter[str]:
    """Return FlameGraph's stacks without process names."""
    found: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        chain, count = line.rsplit(" ", 1)
        found[chain.partition(";")[2]] += int(count)
    return found


def align(mine: Counter[str], other: Counter[str]) -> None:
    """Give their stacks with an empty name ours: it is a name that perf does not know, but no `[unknown]`."""
    for stack in [stack for stack in other if " " in stack.split(";")]:
        pattern = ";".join(r"\[.*?\]" if name == " " else re.escape(name) for name in stack.split(";"))
        same = next((found for found in mine if re.fullmatch(pattern, found)), stack)
        other[same] += other.pop(stack)


def main(folder: Path) -> int:
    """Compare each text; return how many differ."""
    differ = 0
    for path in sorted(folder.glob("*.txt")):
        mine, other = ours(path), theirs(folder / "results" / (path.stem + RESULT))
        align(mine, other)
        wrong = {stack for stack in mine.keys() | other.keys() if mine[stack] != other[stack]}
        differ += bool(wrong)
        verdict = "equal" if not wrong else f"{len(wrong)} stacks differ, such as {min(wrong)[:200]!r}"
        print(
            f"{path.name}: {len(mine)} stacks, weight {sum(mine.values())}; "
            f"FlameGraph {len(other)}, {sum(other.values())}: {verdict}"
        )
    return differ


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004  the program and a folder
        sys.exit(__doc__)
    sys.exit(ExitCode.CHECK_FAILED if main(Path(sys.argv[1])) else 0)
