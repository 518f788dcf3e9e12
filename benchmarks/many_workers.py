"""A day on 1,000 machines, by simulation: one scheduler, workers in its process, cells that only sleep.

    python -m benchmarks.many_workers [WORKERS [TASKS [SECONDS]]]

Each worker has the resource that a run takes, and each task names its worker, as `sweep --cluster` does.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import sys
import time

import dask
from distributed import Client, Scheduler, Worker

from profiler.fleet.cluster.worker import HEARTBEAT, RESOURCE, TUNED, quiet


async def sleep(seconds: float, _number: int) -> int:
    """Be a cell that takes so long."""
    await asyncio.sleep(seconds)
    return 0


async def simulate(count: int, tasks: int, seconds: float) -> None:
    """Print what it took to join, to run, and to leave."""
    began = time.perf_counter()
    async with Scheduler(protocol="inproc", dashboard=False) as scheduler:
        workers = [
            Worker(
                scheduler.address,
                nthreads=1,
                resources={RESOURCE: 1},
                memory_limit=0,
                heartbeat_interval=HEARTBEAT,
                dashboard=False,
            )
            for _ in range(count)
        ]
        await asyncio.gather(*workers)
        print(
            f"{count} workers joined in {time.perf_counter() - began:.1f} s, {megabytes():.0f} MB", flush=True
        )
        async with Client(scheduler.address, asynchronous=True, set_as_default=False) as client:
            began, cpu = time.perf_counter(), time.process_time()
            numbers = itertools.count()

            async def keep_busy(address: str) -> None:
                for number in numbers:
                    if number >= tasks:
                        return
                    await client.submit(
                        sleep, seconds, number, workers=[address], resources={RESOURCE: 1}, pure=False
                    )

            await asyncio.gather(*(keep_busy(worker.address) for worker in workers))
            took, used = time.perf_counter() - began, time.process_time() - cpu
            ideal = tasks / count * seconds
            print(
                f"{tasks} cells of {seconds:g} s in {took:.1f} s (at best {ideal:.1f}): "
                f"{tasks / took:.0f} a second, "
                f"{used / tasks * 1e3:.2f} ms of CPU a cell, {megabytes():.0f} MB",
                flush=True,
            )
        await asyncio.gather(*(worker.close() for worker in workers))


def megabytes() -> float:
    """Return how much memory the process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Run the simulation."""
    count, tasks, seconds = (
        float(text) for text in [*sys.argv[1:], *("1000", "5000", "10")[len(sys.argv) - 1 :]]
    )
    quiet()
    with dask.config.set(TUNED):
        asyncio.run(simulate(int(count), int(tasks), seconds))


if __name__ == "__main__":
    main()
