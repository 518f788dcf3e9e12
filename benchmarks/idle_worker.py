"""What a worker costs a machine while nothing of it runs: Dask's as it ships, and `ortprof worker`.

    python -m benchmarks.idle_worker [SECONDS]

CPU time and wake-ups from /proc, over the same seconds for both, each with a scheduler of its own that is not
counted.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS_SECONDS = 20
COMMANDS = {
    "dask worker": ("-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"),
    "ortprof worker": ("-m", "profiler.cli", "worker"),
}


@contextlib.contextmanager
def running(*command: str, **environment: str) -> Iterator[int]:
    """Have a Python program while the block runs; give its process id."""
    child = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def counted(pid: int) -> tuple[int, int, int]:
    """Return a process's CPU ns, context switches and resident kB."""
    cpu = switches = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        cpu += int((task / "schedstat").read_text().split()[0])
        switches += sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", (task / "status").read_text())))
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return cpu, switches, int(found[1]) if found else 0


def main() -> None:
    """Print a row a worker."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    print("| worker | CPU, % of a core | switches a second | MB |\n|---|---|---|---|")
    with contextlib.ExitStack() as stack:
        cache = stack.enter_context(tempfile.TemporaryDirectory())
        pids = {}
        for name, command in COMMANDS.items():
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                port = str(listener.getsockname()[1])
            place = ("--host", "127.0.0.1", "--port", port, "--no-dashboard")
            stack.enter_context(running("-m", "distributed.cli.dask_scheduler", *place))
            pids[name] = stack.enter_context(
                running(*command, f"tcp://127.0.0.1:{port}", XDG_CACHE_HOME=cache)
            )
        time.sleep(STARTS_SECONDS)
        before = {name: (time.monotonic(), *counted(pid)) for name, pid in pids.items()}
        time.sleep(seconds)
        for name, pid in pids.items():
            began, cpu, switches, _ = before[name]
            cpu_after, switches_after, resident = counted(pid)
            took = time.monotonic() - began
            share = (cpu_after - cpu) / 1e7 / took
            print(
                f"| {name} | {share:.2f} | {(switches_after - switches) / took:.1f} | {resident / 1e3:.0f} |"
            )


if __name__ == "__main__":
    main()
