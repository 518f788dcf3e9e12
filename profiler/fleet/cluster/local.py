"""A cluster on this machine alone: a scheduler in this process, and workers of `ortprof worker`."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from profiler import process
from profiler.extras import need
from profiler.fleet.cluster.worker import TUNED

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def local_cluster(workers: int) -> Iterator[str]:
    """Have a cluster while the block runs; give its address. Its workers measure one at a time."""
    need("distributed", "cluster")
    import dask  # noqa: PLC0415  an extra
    from distributed import LocalCluster  # noqa: PLC0415  an extra

    with (
        dask.config.set(TUNED),
        LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
        ) as cluster,
        contextlib.ExitStack() as children,
    ):
        for _ in range(workers):
            child = subprocess.Popen(
                [sys.executable, "-m", "profiler.cli", "worker", cluster.scheduler_address],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            children.callback(process.stop, child)
        yield cluster.scheduler_address
