from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.trace import store
from profiler.trace.leaf_trace import LeafTraceBuilder
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = ("/lib/x.so", 0x40, "")
KERNEL = ("[kernel.kallsyms]", 0xFFFF_8000_0000_0000, "finish_task_switch")
NOWHERE = ("", 0x10, "")


def test_samples_in_places(tmp_path: Path) -> None:
    builder = LeafTraceBuilder("cpu-clock", 20)
    for time_ns, tid, place in ((5, 1, LIBRARY), (3, 2, KERNEL), (9, 1, LIBRARY), (9, 1, NOWHERE)):
        builder.add(time_ns, tid, 0, place)
    trace = builder.trace({1: "python"}, lost=4)
    assert trace.samples.time_ns.tolist() == [3, 5, 9, 9]
    assert trace.samples.weight.tolist() == [20] * 4
    leaves = trace.stacks.frames[trace.samples.stack].tolist()
    assert [int(trace.frames.address[leaf]) for leaf in leaves] == [KERNEL[1], 0x40, 0x40, 0x10]
    assert trace.strings[trace.frames.symbol[leaves[0]]] == "finish_task_switch"
    assert trace.strings[trace.frames.dso[leaves[1]]] == "/lib/x.so"
    assert trace.frames.dso[leaves[3]] == NONE
    store.save(tmp_path / "trace.npz", trace)
    kept, _ = store.load(tmp_path / "trace.npz")
    assert (kept.lost_samples, kept.comms, kept.events) == (4, {1: "python"}, ("cpu-clock",))


def test_nothing_sampled() -> None:
    trace = LeafTraceBuilder("cpu-clock", 20).trace({}, lost=0)
    assert trace.samples.time_ns.size == trace.frames.address.size == 0
