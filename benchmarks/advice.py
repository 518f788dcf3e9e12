"""Whether advice holds: asks for several p95 targets, runs the pasted Python, and measures it afresh.

    python -m benchmarks.advice --p95-ms 20 --p95-ms 5 --rate 10

For each target `ortprof advise` runs, a few minutes each, or looks into one study (--study). Its Python
snippet is then executed in a process of its own, which sends requests at the rate and measures their latency
from their scheduled instants.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from profiler.attribution.statistics import percentile
from profiler.models.prepare import resolve

ORTPROF = Path(sys.executable).with_name("ortprof")
TITLES = ("target p95 ms", "chosen", "p95 ms", "CPU ms/request", "p95 ms afresh", "CPU ms afresh", "met")
WARMUP = 20


def main() -> None:
    """Print a Markdown row a target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--p95-ms", type=float, action="append", required=True, metavar="MS")
    parser.add_argument("--study", help="a study that was run; without, each target runs its own")
    parser.add_argument("--model", default="minilm", help="a name from `ortprof models`")
    parser.add_argument("--tokens", type=int, default=10)
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=30.0, help="of the fresh measurement")
    parser.add_argument("--reports", default="reports")
    options = parser.parse_args()
    print(f"| {' | '.join(TITLES)} |")
    print(f"|{'---|' * len(TITLES)}")
    for target in options.p95_ms:
        print(f"| {' | '.join(row(target, options))} |", flush=True)


def row(target: float, options: argparse.Namespace) -> list[str]:
    """Ask, paste, measure; return the cells."""
    told = advise(target, options)
    if told["chosen"] is None:
        return [f"{target:g}", f"none; the nearest is {told['nearest']}", "", "", "", "", ""]
    [chosen] = [each for each in told["candidates"] if each["label"] == told["chosen"]]
    p95, cpu = afresh(told["settings"]["Python"], options)
    return [
        f"{target:g}",
        told["chosen"],
        shown(chosen["p95_ms"]),
        shown(chosen["cpu_ms_per_request"]),
        f"{p95:.2f}",
        f"{cpu:.2f}",
        "yes" if p95 <= target else "no",
    ]


def advise(target: float, options: argparse.Namespace) -> Any:
    """Run `ortprof advise`; progress goes to the terminal."""
    load = ("--model", options.model, "--rate", f"{options.rate:g}")
    study = (options.study,) if options.study else ("--tokens", str(options.tokens))
    command = [str(ORTPROF), "advise", "--p95-ms", f"{target:g}", "--json", *load, *study]
    done = subprocess.run([*command, "--reports", options.reports], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def shown(interval: dict[str, float]) -> str:
    """Return an estimate with its interval."""
    return f"{interval['estimate']:.2f} ({interval['low']:.2f} to {interval['high']:.2f})"


def afresh(snippet: str, options: argparse.Namespace) -> tuple[float, float]:
    """Run a snippet in a process of its own; return p95 and CPU time a request, in milliseconds."""
    code = snippet.replace('"model.onnx"', repr(str(resolve(options.model).path)))
    figures = (options.tokens, options.rate, options.seconds)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.advice", "--child", code, *map(str, figures)],
        stdout=subprocess.PIPE,
        check=True,
        # As the workload of ortprof has it: telemetry has threads of its own.
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
    )
    p95, cpu = json.loads(done.stdout)
    return p95, cpu


def child(code: str, tokens: int, rate: float, seconds: float) -> None:
    """Execute the snippet and send its session requests on schedule; print p95 and CPU time as JSON."""
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 (what a user does who pastes it)
    session = names["session"]
    feed = {node.name: np.ones((1, tokens), dtype=np.int64) for node in session.get_inputs()}
    for _ in range(WARMUP):
        session.run(None, feed)
    latencies = []
    began, cpu = time.monotonic(), time.process_time()
    for number in range(round(rate * seconds)):
        scheduled = began + number / rate
        time.sleep(max(0.0, scheduled - time.monotonic()))
        session.run(None, feed)
        latencies.append(1e3 * (time.monotonic() - scheduled))
    time.sleep(max(0.0, began + seconds - time.monotonic()))  # threads may spin until then
    cost = 1e3 * (time.process_time() - cpu) / len(latencies)
    print(json.dumps([percentile(latencies, 95), cost]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
    else:
        main()
