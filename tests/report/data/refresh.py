"""Keep a real run for the tests, without what names the machine: beside this script, or in a folder.

    ortprof record --config spin-on --rate 2 && python tests/report/data/refresh.py reports/<run id>

A folder as the second argument keeps it there; those of tests/study/data were recorded with
`--threads 2 --rate 4 --warmup 1 --measure 10 --profile 6 --frequency 499`, one by ONNX Runtime 1.12.1.

Paths of the interpreter, the user's folder and the working folder become ones under /opt.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from profiler.attribution.analyse import analyse
from profiler.report.code import KEPT
from profiler.report.write import write
from profiler.runs import RunDirectory
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
    kept = RunDirectory(Path(sys.argv[2]) if sys.argv[2:] else HERE / analysis.manifest.configuration.name)
    kept.path.mkdir(parents=True, exist_ok=True)
    for name in (run.manifest.name, run.requests.name, run.counters.name, KEPT):
        (kept.path / name).write_text(neutral((run.path / name).read_text("utf-8")), "utf-8")
    trace, extra = store.load(run.trace)
    strings = tuple(neutral(text) for text in trace.strings)
    store.save(kept.trace, dataclasses.replace(trace, strings=strings), extra)


if __name__ == "__main__":
    main()
