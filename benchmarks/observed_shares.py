"""What a profile says of the same workload by where perf counts: what the observer adds, and to which kind.

    python -m benchmarks.observed_shares [--config spin-off] [--rate 20] [--waits switches] [--rounds 3]

Each way is `ortprof record` of the same workload, in turns; `process` is how profilers attach as a rule: in
the process's threads, 997 Hz, 8 kB of stack. Printed are medians: CPU a request and p50 of the profiled phase
over the measured one's, and CPU milliseconds a request by kind. A round of the defaults takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from typing import Any

SCOPES = ("process", "cpus")


def main() -> None:
    """Record, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", default="spin-off")
    parser.add_argument("--threads", default="4")
    parser.add_argument("--rate", default="20", help="requests a second")
    parser.add_argument("--waits", default="switches")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", default="5", help="of each phase")
    options = parser.parse_args()
    load = ("--config", options.config, "--threads", options.threads, "--rate", options.rate)
    phases = ("--warmup", "1", "--measure", options.seconds, "--profile", options.seconds)
    seen: dict[str, list[dict[str, Any]]] = {scope: [] for scope in SCOPES}
    with tempfile.TemporaryDirectory() as reports:
        for _ in range(options.rounds):
            for scope, summaries in seen.items():
                watching = ("--scope", scope, "--waits", options.waits)
                summaries.append(record("--reports", reports, *load, *phases, *watching))
    kinds = [kind for kind, ms in seen["process"][0]["cpu"]["by_kind"].items() if ms]
    print(f"{options.config}, {options.threads} threads, {options.rate} requests/s, waits: {options.waits}\n")
    print(f"| scope | CPU a request | p50 | total, ms | {' | '.join(kinds)} |")
    print(f"| --- | --- | --- | --- |{' --- |' * len(kinds)}")
    for scope, summaries in seen.items():
        ratios = [
            f"{statistics.median(observed(one, name) for one in summaries):.2f}" for name in ("cpu", "p50")
        ]
        total = statistics.median(one["profiled"]["cpu_ms_per_request"] for one in summaries)
        shares = [f"{statistics.median(a_request(one, kind) for one in summaries):.2f}" for kind in kinds]
        print(f"| {scope} | {' | '.join([*ratios, f'{total:.2f}', *shares])} |")


def record(*options: str) -> dict[str, Any]:
    """Record; return the summary."""
    command = (sys.executable, "-m", "profiler.cli", "record", *options, "--json")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def observed(summary: dict[str, Any], what: str) -> float:
    """Return the profiled phase's figure over the measured one's."""
    profiled, measured = summary["profiled"], summary["measured"]
    if what == "cpu":
        return float(profiled["cpu_ms_per_request"] / measured["cpu_ms_per_request"])
    return float(profiled["latency_ms"]["p50"] / measured["latency_ms"]["p50"])


def a_request(summary: dict[str, Any], kind: str) -> float:
    """Return milliseconds of CPU time of a kind, by request."""
    return float(summary["cpu"]["by_kind"][kind] / summary["profiled"]["requests"])


if __name__ == "__main__":
    main()
