"""When latencies of the requests that ran say nothing of those that did not."""

from __future__ import annotations

MOST_UNSERVED = 0.05
"""From this share of requests on that were due and never started, the 95th percentile is one of them."""


def overloaded(requests: int, unserved: int) -> bool:
    """Whether the 95th percentile of what was due is a request that never ran."""
    return unserved > 0 and unserved >= MOST_UNSERVED * (requests + unserved)
