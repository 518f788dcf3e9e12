"""Record nasty.cpp and breaks.cpp with this machine's perf and rewrite the golden files beside this script.

Run it as root (kernel frames, a tracepoint) with g++ and perf installed: `python tests/data/perf/refresh.py`.
The perf version is in the files' names, so that another version adds files and removes none. What
names a machine (the temporary folder, process ids) is replaced.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from profiler.record.perf import wait_event_term
from profiler.trace import perf_report, perf_script
from profiler.trace.model import WAIT_EVENTS

HERE = Path(__file__).parent
FOLDER = b"/opt/exa mple (1)"
"""What the temporary folder becomes: spaces and parentheses."""

LIBRARY = 'extern "C" void spin_in_library(double t) { for (volatile long i = 0; i < t * 1e9; ++i) {} }\n'

RECORDINGS = {
    "dwarf": [
        "-e",
        "cpu-clock",
        "-F",
        "997",
        "--sample-cpu",
        "--call-graph",
        "dwarf,8192",
        "--switch-events",
    ],
    "user-no-cpu": ["-e", "cpu-clock:u", "-F", "499", "--call-graph", "dwarf,8192", "--switch-events"],
    "no-chains": ["-e", "cpu-clock", "-F", "997", "--sample-cpu", "--switch-events"],
    "tracepoint": ["-e", "cpu-clock", "-e", "sched:sched_switch", "-F", "499", "--call-graph", "dwarf,4096"],
    "waits": [
        *("-e", "cpu-clock/freq=499,name=cpu-clock/"),
        *(part for name in WAIT_EVENTS for part in ("-e", wait_event_term(name, 4096))),
        *("--sample-cpu", "--call-graph", "dwarf,4096", "--switch-events"),
    ],
    "lost": ["-e", "cpu-clock", "-F", "20000", "--sample-cpu", "--call-graph", "dwarf,4096", "-m", "2"],
}
"""Arguments of `perf record`, by the golden file's name."""

BROKEN_NAMES = ("line\nbreak.so", "closed)\nbreak.so", "closed)\n\nbreak.so")
"""File names of the libraries that breaks.cpp runs."""

MAX_BYTES = 90_000


def main() -> None:
    """Build, record each kind, and write `<kind>-perf<version>.script` and `.report`."""
    version = re.sub(r"^perf version ", "", _output("perf", "--version").decode().strip())
    with tempfile.TemporaryDirectory(prefix="golden ") as name:
        folder = Path(name)
        (folder / "library.cpp").write_text(LIBRARY)
        build = ["g++", "-O1", "-fno-inline", "-pthread"]
        subprocess.run([*build, HERE / "nasty.cpp", "-o", folder / "nasty", "-ldl"], check=True)
        subprocess.run([*build, "-shared", "-fPIC", folder / "library.cpp", "-o", folder / "lib"], check=True)
        for kind, options in RECORDINGS.items():
            data = folder / f"{kind}.data"
            shutil.copy(folder / "lib", folder / "lib copy.so")
            target = [str(folder / "nasty"), str(folder / "lib copy.so")]
            record = ["perf", "record", "-q", "-B", "-k", "CLOCK_MONOTONIC", *options, "-o", str(data), "--"]
            subprocess.run([*record, *target], check=True)
            stem = f"{kind}-perf{version}"
            script = _neutral(_output(*perf_script.command(data, payloads=kind == "waits")), folder)
            (HERE / f"{stem}.script").write_bytes(_shortened(script))
            if len(script) <= MAX_BYTES:  # the report is about the whole recording
                (HERE / f"{stem}.report").write_bytes(_neutral(_output(*perf_report.command(data)), folder))
    record_breaks(version)


def record_breaks(version: str) -> None:
    """Write what perf says of names with line breaks, `breaks-perf<version>.script`."""
    with tempfile.TemporaryDirectory(prefix="golden ") as name:
        folder = Path(name)
        (folder / "library.cpp").write_text(LIBRARY)
        libraries = [folder / library for library in BROKEN_NAMES]
        program, data = folder / "breaks", folder / "breaks.data"
        subprocess.run(["g++", "-O1", "-pthread", HERE / "breaks.cpp", "-o", program, "-ldl"], check=True)
        for library in libraries:
            build = ["g++", "-O1", "-shared", "-fPIC", str(folder / "library.cpp"), "-o", str(library)]
            subprocess.run(build, check=True)
        record = ["perf", "record", "-q", "-B", "-k", "CLOCK_MONOTONIC", *RECORDINGS["dwarf"]]
        subprocess.run([*record, "-o", str(data), "--", str(program), *map(str, libraries)], check=True)
        script = _neutral(_output(*perf_script.command(data)), folder)
        (HERE / f"breaks-perf{version}.script").write_bytes(_shortened(script))


def _output(*command: str) -> bytes:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def _neutral(text: bytes, folder: Path) -> bytes:
    text = text.replace(str(folder).encode(), FOLDER)
    pids = sorted({int(pid) for pid in re.findall(rb" (\d+)/\d+ +(?:\[\d+\])? +\d+\.\d{9}: ", text)} - {0})
    tids = sorted({int(tid) for tid in re.findall(rb" \d+/(\d+) +(?:\[\d+\])? +\d+\.\d{9}: ", text)} - {0})
    renamed = {b"%d" % old: b"%d" % (4001 + i) for i, old in enumerate(sorted({*pids, *tids}))}

    def rename(match: re.Match[bytes]) -> bytes:
        spaces, pid, tid, rest = match.groups()
        comm_end = spaces[
            : len(spaces) - max(0, 5 - len(pid))
        ]  # perf prints %5d: the other spaces are the comm's
        return comm_end + b"%5d/%-5d%s" % (int(renamed.get(pid, pid)), int(renamed.get(tid, tid)), rest)

    text = re.sub(rb"( +)(\d+)/(\d+) *( (?:\[\d+\])? +\d+\.\d{9}: )", rename, text)

    def rename_woken(match: re.Match[bytes]) -> bytes:
        mine = renamed.get(match[2])
        return b"comm=other pid=1" if mine is None else b"comm=%s pid=%s" % (match[1], mine)

    return re.sub(
        rb"comm=(.{0,15}) pid=(\d+)(?= prio=-?\d+ target_cpu=)", rename_woken, text, flags=re.DOTALL
    )


def _shortened(text: bytes) -> bytes:
    if len(text) <= MAX_BYTES:
        return text
    return text[: text.rindex(b"\n\n", 0, MAX_BYTES) + 2]


if __name__ == "__main__":
    main()
