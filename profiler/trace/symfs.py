"""perf's options for recordings of processes whose files are not at their own paths on this machine."""

from __future__ import annotations

import platform
from pathlib import Path

from profiler import process

KALLSYMS = "/proc/kallsyms"


def options(root: Path, kernel: str) -> tuple[str, ...]:
    """Return options with which perf finds the profiled files below `root`; none for `/`.

    With `--symfs` perf looks nowhere else, not even for the running kernel's symbols unless they are named.
    They are when `kernel`, the release of the recorded one, is the running one's: perf would take those of
    any. (Without `--symfs`, perf 6.1 enters the mount namespace of a process that still runs, and takes this
    machine's files at the same paths for one that has ended. With it, `process` keeps it out.)
    """
    if root == Path("/"):
        return ()
    kernel_symbols = ("--kallsyms", KALLSYMS) if kernel == platform.release() else ()
    return (process.SYMFS, str(root), *kernel_symbols)
