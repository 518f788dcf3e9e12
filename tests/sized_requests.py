"""Requests of known lengths and known waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.run.fed import Fed, FedSet, FedTensor
from profiler.run.processes import Process, Session
from profiler.run.records import Recorded
from profiler.run.request import Request
from profiler.spec.inputs import Order
from tests.run.test_manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

MS = 1_000_000
CALLER = 1
HASH = "0" * 64


def fed(*tokens: int) -> Fed:
    tensors = [FedTensor("ids", "tensor(int64)", "made up: 0 or 1")]
    return Fed(Order.CYCLED, HASH, tensors, [FedSet(HASH, {"ids": [1, size]}) for size in tokens])


def recorded(sizes: Sequence[int], waits_ms: Sequence[int]) -> Recorded:
    """Requests that take 1 ms and 0.5 ms for each token, after waiting."""
    process = Process(1, [CALLER], [], sessions=[Session("m", "m", [CALLER], [])])
    requests = [
        Request(
            phase="measure",
            scheduled_ns=number * 1000 * MS,
            start_ns=(number * 1000 + wait) * MS,
            end_ns=(number * 1000 + wait + 1) * MS + size * MS // 2,
            cpu_ns=0,
            process=1,
            caller=CALLER,
            fed=number,
        )
        for number, (size, wait) in enumerate(zip(sizes, waits_ms, strict=True))
    ]
    manifest = msgspec.structs.replace(MANIFEST, process=process)
    return Recorded(manifest, {}, requests, [fed(*sizes)])
