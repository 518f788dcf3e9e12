"""Keep a real run for the tests, without what names the machine: beside this script, or in a folder.

    ortprof record --config spin-on --rate 2 && python tests/pages/data/refresh.py reports/<run id>
    ortprof record --config spin-off --threads 2 --rate 10 --measure 0 --profile 2 --operators, and likewise
    for runs to compare, of ONNX Runtime 1.12.1 with --python too:
    ortprof record --config spin-off --threads 2 --rate 4 --warmup 1 --measure 10 --profile 6 --frequency 499
    python tests/pages/data/refresh.py reports/<run id> tests/study/data/spin-off

Paths of the interpreter, the user's folder and the working folder become ones under /opt.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from profiler.attribution.analyse import analyse
from profiler.listing.kept import KEPT
from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from profiler.trace import store

HERE = Path(__file__).parent
NEUTRAL = {
    sys.prefix: "/opt/venv",
    sys.base_prefix: "/opt/python",
    str(Path.cwd()): "/opt/ortprof",
    str(Path.home()): "/opt/user",
}


def neutral(text: str) -> str:
    """Return text without this machine's paths."""
    for path, replacement in NEUTRAL.items():
        text = text.replace(path, replacement)
    return text


def main() -> None:
    """Copy the run's files into the folder given, else into `<configuration>/`."""
    run = RunDirectory(Path(sys.argv[1]))
    analysis = analyse(run)
    write(run, analysis)
    kept = RunDirectory(Path(sys.argv[2]) if sys.argv[2:] else HERE / analysis.manifest.title)
    kept.path.mkdir(parents=True, exist_ok=True)
    for name in (run.manifest.name, run.requests.name, run.counters.name, run.decoding.name, KEPT):
        (kept.path / name).write_text(neutral((run.path / name).read_text("utf-8")), "utf-8")
    keep_trace(run.trace, kept.trace)
    if analysis.operators is not None:
        keep_trace(run.operators_trace, kept.operators_trace)
        kept.operators.write_bytes(run.operators.read_bytes())


def keep_trace(path: Path, kept: Path) -> None:
    """Copy a trace with neutral strings."""
    trace, extra = store.load(path)
    strings = tuple(neutral(text) for text in trace.strings)
    store.save(kept, dataclasses.replace(trace, strings=strings), extra)


if __name__ == "__main__":
    main()
