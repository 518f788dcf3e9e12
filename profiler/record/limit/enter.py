"""Started as a program: `enter.py CGROUP.PROCS COMMAND...` moves itself into a cgroup and becomes COMMAND.

So the command is inside from its first instruction on, and keeps the process id. Standard library only:
it runs with `python -I -S`, outside any environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(procs: str, command: list[str]) -> None:
    """Write 0, which stands for the writer (cgroups(7)), then execute."""
    try:
        Path(procs).write_text("0", encoding="ascii")
    except OSError as error:
        sys.exit(f"the workload could not be moved into {procs}: {error.strerror}")
    os.execv(command[0], command)  # noqa: S606 - becoming another program is what this one is for


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
