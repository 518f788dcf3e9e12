"""Attribution on a Debug build of ONNX Runtime, by names, beside the release wheel of the same version.

    python -m benchmarks.debug_build [--python build/venv-debug/bin/python] [--seconds 10]

Records MiniLM on both with spinning on and off and prints the tables of docs/accuracy.md. The recordings of
the Debug build are attributed a second time as if the library had been stripped: what differs there is
attribution, what differs between the builds is the code. The wheel is installed into the user's cache on
first use. Exit code 3 without the Debug build.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.accuracy import row
from profiler import process
from profiler.attribution.kinds import Kind
from tests.accuracy import nameless
from tests.accuracy.real import LOW_LOAD, Load, profile_with
from tests.accuracy.wheels import Wheel, environment, why_not

CONFIGURATIONS = ("spin-on", "spin-off")
SHOWN_DIFFERENCES = 5


def main() -> int:
    """Record both builds and print how they compare; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", type=Path, default=Path("build/venv-debug/bin/python"))
    parser.add_argument("--seconds", type=float, default=LOW_LOAD.seconds, help="of each recording")
    options = parser.parse_args()
    if not options.python.is_file():
        print(f"no {options.python}: scripts/build_ort_debug.sh makes it", file=sys.stderr)
        return 3
    release = Wheel(version_of(options.python), ("3.11", "3.12", "3.10"))
    if why := why_not(release):
        print(why, file=sys.stderr)
        return 3
    load = Load(LOW_LOAD.rate, LOW_LOAD.tokens, options.seconds)
    pythons = {"release": environment(release), "Debug": str(options.python.absolute())}
    differences = []
    row(["build", "configuration", "samples", "cut chains", "CPU ms/request", *(kind.value for kind in Kind)])
    row(["---"] * (len(Kind) + 5))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for configuration in CONFIGURATIONS:
            for build, python in pythons.items():
                run, analysis = profile_with(python, build, configuration, folder / "reports", load)
                perf, cpu = analysis.summary["perf"], analysis.summary["cpu"]
                kinds = (f"{100 * cpu['by_kind'][kind.value] / cpu['total_ms']:.1f}" for kind in Kind)
                cost = f"{analysis.summary['profiled']['cpu_ms_per_request']:.1f}"
                row([build, configuration, str(perf["samples"]), str(perf["cut_chains"]), cost, *kinds])
                if build == "Debug":
                    differences.append((configuration, nameless.compare(run, analysis, folder)))
    print("\nThe Debug recordings by names/by instructions, and the samples that differ most:\n")
    for configuration, found in differences:
        percent = 100 / sum(found.by_symbols.values())
        shares = ", ".join(
            f"{kind.value} {percent * found.by_symbols[kind]:.1f}/{percent * found.by_instructions[kind]:.1f}"
            for kind in Kind
        )
        print(f"- {configuration}: {found.share:.2%} alike; {shares}")
        for difference, count in found.differences.most_common(SHOWN_DIFFERENCES):
            where = difference.functions.replace("onnxruntime::concurrency::", "")[:150]
            print(f"  - {count}, {difference.by_symbols}, {difference.by_instructions}: `{where}`")
    return 0


def version_of(python: Path) -> str:
    """Return the version of an environment's ONNX Runtime; `MachineError` when it does not answer."""
    done = process.run(
        [str(python), "-c", "import json, onnxruntime; print(json.dumps(onnxruntime.__version__))"],
        timeout=120,
    )
    return str(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
