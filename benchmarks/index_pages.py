"""A reports folder of 1,000 to 100,000 made-up runs: how long its list takes, and how much memory.

    python -m benchmarks.index_pages [RUNS ...]

All runs have one run's summary. The list is made by a process of its own: once for a folder that has none
yet, then as `ortprof record` does it, with a run more.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from profiler import files
from profiler.run.directory import RunDirectory
from profiler.run.summary import to_document
from tests.pages.support import spinning

WRITE = """
import sys
from pathlib import Path
from profiler.pages.index.index_page import write_index
write_index(Path(sys.argv[1]))
"""


def write(reports: Path) -> tuple[float, float]:
    """Return the seconds and the MB (resident, at most) that writing the list took, the start included."""
    began = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", WRITE, str(reports)], os.environ)
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit("it failed")
    return time.perf_counter() - began, used.ru_maxrss / 1e3


def add(reports: Path, kept: RunDirectory, number: int) -> None:
    """Add a run, whose files are links to those of one that is kept elsewhere."""
    run = RunDirectory(reports / f"2026{number:010}T000000Z-minilm-spin-on")
    run.path.mkdir()
    for file in (kept.manifest, kept.summary, kept.report):
        (run.path / file.name).symlink_to(file)


def main() -> None:
    """Grow a folder and list it at each size."""
    sizes = sorted(map(int, sys.argv[1:])) or [1_000, 10_000, 100_000]
    with tempfile.TemporaryDirectory() as folder:
        kept = RunDirectory(Path(folder, "kept"))
        kept.path.mkdir()
        files.write(kept.manifest, b"{}")
        files.write(kept.report, b"")
        files.write_json(kept.summary, to_document(spinning(requests=30).analysis().summary))
        reports = Path(folder, "reports")
        reports.mkdir()
        print("| runs | the whole list | with a run more | pages |\n|---|---|---|---|")
        runs = 0
        for size in sizes:
            for number in range(runs, size):
                add(reports, kept, number)
            for page in reports.glob("index*.html"):
                page.unlink()
            whole = write(reports)
            again = []
            for number in range(size, size + 3):
                add(reports, kept, number)
                again.append(write(reports))
            runs = size + 3
            cells = [f"{seconds:.2f} s, {mb:.0f} MB" for seconds, mb in (whole, min(again))]
            pages = len([*reports.glob("index*.html")])
            print(f"| {size:,} | {' | '.join(cells)} | {pages} |", flush=True)


if __name__ == "__main__":
    main()
