"""What light sampling counts, as Prometheus reads it. Needs the extra `metrics`."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler.errors import MachineError, UsageError
from profiler.extras import need
from profiler.live.moment import SPINNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiler.live.moment import Moment

LAST_PORT = 65535
STATM = Path("/proc/self/statm")
POOL = ("process", "command", "pool")
KIND = (*POOL, "kind", "polling")


class Collector:
    """Gives what is known when it is asked; `now` returns it, None between two targets."""

    def __init__(self, now: Callable[[], Moment | None], began_anew: Callable[[], int]) -> None:
        self._now = now
        self._began_anew = began_anew
        self._core: Any = need("prometheus_client.core", "metrics")

    def collect(self) -> Iterator[Any]:
        """Yield the families; series of processes that ended are gone."""
        counter, gauge = self._core.CounterMetricFamily, self._core.GaugeMetricFamily
        moment = self._now()
        yield gauge("ortprof_up", "Whether there is a process to watch.", value=float(moment is not None))
        yield counter("ortprof_targets_begun", "How often watching began anew.", value=self._began_anew())
        yield counter("ortprof_own_cpu_seconds", "CPU time of ortprof itself.", value=_own_cpu_s())
        yield gauge("ortprof_own_resident_bytes", "Memory of ortprof itself.", value=_own_bytes())
        if moment is None:
            return
        cpu = counter("ortprof_cpu_seconds", "CPU time by what it was for, by samples.", labels=KIND)
        switches = counter("ortprof_context_switches", "Times that threads left a CPU.", labels=POOL)
        threads = gauge("ortprof_threads", "Threads.", labels=POOL)
        for pool in moment.pools:
            where = [str(pool.pid), pool.command, pool.pool]
            for kind, seconds in pool.spent_s.items():
                polls = "true" if kind in SPINNING else "false"
                cpu.add_metric([*where, kind.value, polls], seconds)
            switches.add_metric(where, pool.switches)
            threads.add_metric(where, pool.threads)
        yield from (cpu, switches, threads)
        yield gauge("ortprof_processes", "Processes that are watched.", value=moment.processes)
        yield counter("ortprof_samples", "Samples of them.", value=moment.samples)
        yield counter("ortprof_lost_samples", "Samples that the kernel dropped.", value=moment.lost)
        if moment.requests_a_second is not None:
            yield counter("ortprof_requests", "Requests that they marked.", value=moment.requests)


def serve(address: str, collector: Collector) -> Callable[[], None]:
    """Serve metrics at HOST:PORT from a thread; return what ends that.

    `UsageError` for another address, `MachineError` where it can't be had.
    """
    host, port = parse_address(address)
    client = need("prometheus_client", "metrics")
    registry = client.CollectorRegistry()
    registry.register(collector)
    try:
        server, thread = client.start_http_server(port, host, registry)
    except OSError as error:
        raise MachineError(
            f"{address} can't be listened on: {error.strerror or error}",
            hint="another port: --metrics HOST:PORT",
        ) from error

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:9464` or `[::1]:9464`; `UsageError` for anything else."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        raise UsageError(f"--metrics {text}: an address and a port", hint="such as 127.0.0.1:9464")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _own_bytes() -> float:
    return float(STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
