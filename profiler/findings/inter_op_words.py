"""What the inter-op pool of parallel execution used, beside the intra-op one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import count, percent
from profiler.run.kinds import Category
from profiler.run.processes import PoolRole
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def inter_op_sentence(summary: Summary) -> list[str]:
    """Say how much of the CPU time was the inter-op pools', and spun; nothing where there is no such pool."""
    pools = [pool for pool in summary.pools if pool.role is PoolRole.INTER_OP and pool.total_ms is not None]
    cpu = available(summary.cpu)
    spent = sum(pool.total_ms or 0.0 for pool in pools)
    if not pools or cpu is None or not cpu.total_ms:
        return []
    spun = sum(ms for pool in pools for kind, ms in pool.by_kind.items() if kind.category is Category.SPIN)
    threads = count(sum(pool.threads for pool in pools), "thread")
    share = f", {percent(spun / spent)} of it spinning" if spent else ""
    return [f"The inter-op pool's {threads} used {percent(spent / cpu.total_ms)} of the CPU time{share}."]
