"""Which request each instant of a thread belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.served import served_rows
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column, Int32s
    from profiler.run.processes import Process
    from profiler.run.request import Request


def request_at(time_ns: Column, tid: Column, process: Process, requests: Sequence[Request]) -> Int32s:
    """Return the index of the request in flight that concerns each instant's thread; NONE where none is.

    Of several it is the one that started last, or, where that has ended, the one that ends last of those that
    had started. `requests` are in order of their starts.
    """
    request_of = np.full(time_ns.shape, NONE, np.int32)
    number = {id(request): index for index, request in enumerate(requests)}
    for mine, its in served_rows(tid, process, requests):
        if not its or not mine.any():
            continue
        starts = np.array([request.start_ns for request in its], np.int64)
        ends = np.array([request.end_ns for request in its], np.int64)
        rows = np.arange(len(its))
        longest = np.maximum.accumulate(np.where(ends == np.maximum.accumulate(ends), rows, 0))
        now = time_ns[mine]
        last = np.searchsorted(starts, now, side="right") - 1
        chosen = np.where(ends[last] >= now, last, longest[last])
        flying = (last >= 0) & (ends[chosen] >= now)
        indices = np.array([number[id(request)] for request in its], np.int32)
        request_of[mine] = np.where(flying, indices[chosen], NONE)
    return request_of
