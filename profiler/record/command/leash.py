"""Becomes a client's program, on some CPUs, that ends with who started it: leash.py PARENT CPUS COMMAND...

Started by `client.py`, with the standard library alone. CPUS: numbers with commas; empty for all.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""


def main() -> None:
    """Set both, and become the program."""
    parent, cpus, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)
    if cpus:
        with contextlib.suppress(OSError):  # a cpuset forbids it: then it shares
            os.sched_setaffinity(0, map(int, cpus.split(",")))
    try:
        os.execvp(command[0], command)  # noqa: S606  a shell is what nobody asked for
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
