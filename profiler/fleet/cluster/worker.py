"""A Dask worker that disturbs nothing: Dask's own, with a configuration under which it sleeps.

As Dask ships it, an idle worker takes 41 ms of CPU a second and wakes 100 times; so tuned, 3 ms and 4 times.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.extras import need
from profiler.fleet.cluster.on_worker import CHILDREN, RUNS_CPUS
from profiler.fleet.cluster.spool import Spool
from profiler.fleet.cluster.worker_cpus import WorkerCpus, divided, keep_to
from profiler.record.temporary import temporary_folder
from profiler.run.cpu_budget import cpu_list

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

RESOURCE = "ortprof"
"""A worker has one of it, and each run takes it: one run at a time."""
TUNED: dict[str, Any] = {
    "distributed.admin.tick.interval": "10s",
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "60s",
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.worker-ttl": None,
    "distributed.comm.timeouts.connect": "10s",
}
TLS_HINT = "keys for TLS are Dask's own configuration: docs/fleet.md says which"
HEARTBEAT = "30s"
JOIN_SECONDS = 10.0
RETRY_SECONDS = 2.0


def serve(
    address: str,
    say: Callable[[str], None],
    name: str | None = None,
    runs_cpus: Collection[int] | None = None,
) -> None:
    """Work for the scheduler at `address` until a signal ends it; one that goes away is waited for.

    A run that a signal finds under way is interrupted. With `runs_cpus` runs have these, and we keep off
    them; `UsageError` where they are not ours to give.
    """
    need("distributed", "cluster")
    cpus = divided(runs_cpus)
    keep_to(cpus.own)
    import dask  # noqa: PLC0415  an extra

    quiet()
    Spool.of_user().tidy()
    with dask.config.set({**TUNED, RUNS_CPUS: cpu_list(cpus.runs)}):
        asyncio.run(_serve(address, say, name, cpus))


def quiet() -> None:
    """Keep Dask's own messages away: we say ourselves what is wrong."""
    for name in ("distributed", "distributed.core", "distributed.worker", "distributed.nanny", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


async def _serve(address: str, say: Callable[[str], None], name: str | None, cpus: WorkerCpus) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    missed = False
    with temporary_folder() as folder:
        while not stopped.is_set():
            try:
                await _work(address, say, stopped, name=name, folder=str(folder), cpus=cpus)
                missed = False
            except (OSError, RuntimeError, asyncio.TimeoutError) as error:
                if not missed:
                    why = " ".join(str(error.__cause__ or error).split())
                    say(f"no scheduler at {address} yet ({why}); trying on")
                missed = True
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stopped.wait(), RETRY_SECONDS)
    for child in [*CHILDREN]:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGINT)
    for child in [*CHILDREN]:
        await child.wait()


async def _work(
    address: str,
    say: Callable[[str], None],
    stopped: asyncio.Event,
    *,
    name: str | None,
    folder: str,
    cpus: WorkerCpus,
) -> None:
    """Be one of Dask's workers until the scheduler goes, or we are told to stop."""
    from distributed import Worker  # noqa: PLC0415 - the extra `cluster`

    worker = Worker(
        address,
        name=name,
        nthreads=1,
        resources={RESOURCE: 1},
        memory_limit=0,
        heartbeat_interval=HEARTBEAT,
        local_directory=folder,
        dashboard=False,
        death_timeout=JOIN_SECONDS,
    )
    told = asyncio.ensure_future(stopped.wait())
    try:
        start = asyncio.ensure_future(worker.start())
        await asyncio.wait([start, told], return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            start.cancel()
            return
        await start
        say(f"working for {address} as {worker.address}; {cpus.words}")
        gone = asyncio.ensure_future(worker.finished())
        await asyncio.wait([gone, told], return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not told.done():
            say(f"the scheduler at {address} is gone; waiting for it")
    finally:
        told.cancel()
        await worker.close(timeout=5, executor_wait=False)


def require_address(address: str, role: str) -> None:
    """Raise `UsageError` for what is no scheduler's address, or for TLS without a role's keys.

    The role is Dask's word: `client` or `worker`. `MachineError` without Dask.
    """
    need("distributed", "cluster")
    from distributed.comm import parse_address  # noqa: PLC0415  an extra
    from distributed.security import Security  # noqa: PLC0415  an extra

    try:
        scheme, place = parse_address(address)
    except ValueError as error:
        raise UsageError(f"{address}: {error}") from error
    port = place.rpartition("]")[2].rpartition(":")
    if scheme not in ("tcp", "tls", "ws", "wss") or not port[1] or not _is_port(port[2]):
        raise UsageError(f"{address} is no scheduler's address", hint="for example tcp://scheduler:8786")
    if scheme in ("tls", "wss") and Security().get_connection_args(role).get("ssl_context") is None:
        raise UsageError(f"{address} wants TLS, and Dask's configuration names no keys", hint=TLS_HINT)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) < 1 << 16
