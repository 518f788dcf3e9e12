"""Which requests concern which threads: a pool's those that it serves, a caller's those that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Column
    from profiler.run.processes import Process
    from profiler.run.request import Request


def served_rows(
    tid: Column, process: Process, requests: Sequence[Request]
) -> Iterator[tuple[Column, list[Request]]]:
    """Yield rows of threads that the same requests concern, with those; together they are all rows, once.

    A thread that is neither a pool's nor a caller is concerned by any. A pool that serves no request polls
    in vain, whatever the process's other pools do; a caller without one of its own waits for the next.
    """
    left = np.ones(tid.shape, np.bool_)
    for pool in process.pools:
        mine = left & np.isin(tid, pool.tids)
        left &= ~mine
        yield mine, [request for request in requests if pool.serves(request)]
    for caller in process.callers:
        mine = left & (tid == caller)
        left &= ~mine
        yield mine, [request for request in requests if request.caller in (None, caller)]
    yield left, list(requests)
