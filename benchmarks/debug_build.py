"""Attribution by names on builds of ONNX Runtime with debug information, beside their version's wheel.

    python -m benchmarks.debug_build [--seconds 10]

Records MiniLM on the wheel and on each build of scripts/build_ort_debug.sh, found as `ortprof record --ort`
finds it, with spinning on and off, and prints the tables of docs/accuracy.md. The recordings of the builds
are attributed a second time as if the library had been stripped: what differs there is attribution, what
differs between the builds is the code. The wheel is installed into the user's cache on first use. Exit code
3 without such a build.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy import row
from profiler import process
from profiler.cli.options.place_options import build_folders
from profiler.errors import MachineError
from profiler.run.kinds import Kind
from profiler.spec.ort_build import OrtConfig
from tests.accuracy import nameless
from tests.accuracy.real import LOW_LOAD, Load, profile_with
from tests.accuracy.wheels import Wheel, environment, why_not
from tests.summaries import present

if TYPE_CHECKING:
    from tests.accuracy.nameless import Agreement

CONFIGURATIONS = ("spin-on", "spin-off")
SHOWN_DIFFERENCES = 5


def main() -> int:
    """Record the builds and print how they compare; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=LOW_LOAD.seconds, help="of each recording")
    options = parser.parse_args()
    builds = found_builds()
    versions = {version_of(python) for python in builds.values()}
    if len(versions) != 1:
        problem = f"builds of several versions: {', '.join(sorted(versions))}" if versions else "no build"
        print(f"{problem}: scripts/build_ort_debug.sh makes them", file=sys.stderr)
        return 3
    wheel = Wheel(versions.pop(), ("3.11", "3.12", "3.10"))
    if why := why_not(wheel):
        print(why, file=sys.stderr)
        return 3
    load = Load(LOW_LOAD.rate, LOW_LOAD.tokens, options.seconds)
    pythons = {OrtConfig.RELEASE: environment(wheel), **builds}
    agreements = []
    row(["build", "configuration", "samples", "cut chains", "CPU ms/request", *(kind.value for kind in Kind)])
    row(["---"] * (len(Kind) + 5))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for configuration in CONFIGURATIONS:
            for build, python in pythons.items():
                run, analysis = profile_with(
                    str(python), build.value, configuration, folder / "reports", load
                )
                perf, cpu = present(analysis.summary.perf), present(analysis.summary.cpu)
                kinds = (f"{100 * cpu.share(kind):.1f}" for kind in Kind)
                cost = f"{present(analysis.summary.profiled).cpu_ms_per_request:.1f}"
                name = build.cmake_name
                row([name, configuration, str(perf.samples), str(perf.cut_chains), cost, *kinds])
                if build is not OrtConfig.RELEASE:
                    agreements.append((f"{name}, {configuration}", nameless.compare(run, analysis, folder)))
    print("\nThe same recordings by names/by instructions, and the samples that differ most:\n")
    for label, found in agreements:
        show(label, found)
    return 0


def show(label: str, found: Agreement) -> None:
    """Print how two attributions of one recording compare."""
    percent = 100 / sum(found.by_symbols.values())
    shares = ", ".join(
        f"{kind.value} {percent * found.by_symbols[kind]:.1f}/{percent * found.by_instructions[kind]:.1f}"
        for kind in Kind
    )
    print(f"- {label}: {found.share:.2%} alike; {shares}")
    for difference, count in found.differences.most_common(SHOWN_DIFFERENCES):
        where = difference.functions.replace("onnxruntime::concurrency::", "")[:150]
        print(f"  - {count}, {difference.by_symbols}, {difference.by_instructions}: `{where}`")


def found_builds() -> dict[OrtConfig, Path]:
    """Return the interpreters of the builds with debug information that this machine has."""
    found = {}
    for build in (OrtConfig.RELWITHDEBINFO, OrtConfig.DEBUG):
        try:
            found[build] = build.interpreter(Path(sys.executable), build_folders()).absolute()
        except MachineError:
            continue
    return found


def version_of(python: Path) -> str:
    """Return the version of an environment's ONNX Runtime; `MachineError` when it does not answer."""
    done = process.run(
        [str(python), "-c", "import json, onnxruntime; print(json.dumps(onnxruntime.__version__))"],
        timeout=120,
    )
    return str(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
