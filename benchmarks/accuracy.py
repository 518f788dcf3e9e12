"""ortprof's verdicts against the truth: prints the tables of docs/accuracy.md.

    python -m benchmarks.accuracy [--only pools|loops|symbols|wheels]

Takes a quarter of an hour, and on first use ten minutes more to install ONNX Runtime's releases into the
user's cache.
Wants root or perf_event_paranoid <= 1 (the kernel's part of futex calls), g++ and strip, and a Python for
each release: what is missing is said and left out. Exit code 1 when a bound is missed.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.record import host
from profiler.record.capabilities import perf_version, sampling_event, watches_cpus
from profiler.run.kinds import Category, Kind
from profiler.spec.scope import Scope
from tests.accuracy import loops, nameless, recording
from tests.accuracy.mixtures import (
    BOUND_POINTS,
    FREQUENCY_HZ,
    GROUPS,
    METER_BOUND,
    MIXTURES,
    OPENMP_MIXTURES,
    OVERLAPPING,
)
from tests.accuracy.programs import OPENMP, POOLS, compiler_missing
from tests.accuracy.real import LEAST_SPIN_ON, LOW_LOAD, MOST_SPIN_OFF, THREADS, Load, profile
from tests.accuracy.wheels import STRIPPED, WITH_SYMBOLS, why_not
from tests.summaries import present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SYMBOLS_SECONDS = 10.0
SYMBOLS_RATES = (2.0, 20.0)
SHOWN_DIFFERENCES = 5
SHORT_REQUEST_TOKENS = 10


def main() -> int:
    """Run the proofs that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=PROOFS, help="one proof instead of all")
    only = parser.parse_args().only
    machine = host.describe()
    print(f"{machine.cpus} CPUs, {machine.cpu}; {machine.system}, Linux {machine.kernel}")
    print(f"perf {perf_version()}, event {sampling_event()}")
    with tempfile.TemporaryDirectory() as temporary:
        chosen = [PROOFS[only]] if only else list(PROOFS.values())
        # Every proof runs, whatever the one before it found.
        held = [proof(Path(temporary)) for proof in chosen]
    print("\nall bounds hold" if all(held) else "\nA BOUND IS MISSED")
    return 0 if all(held) else 1


def prove_pools(folder: Path) -> bool:
    """Compare shares with programs that know them; say whether every bound holds."""
    if why := compiler_missing():
        print(f"\npools: left out, {why}")
        return True
    print(f"\nShares of CPU time in %, true/found, at {FREQUENCY_HZ} Hz. Bound: {BOUND_POINTS:g} points.\n")
    row(["scope", "build", "mixture", *GROUPS, "samples", "error", "worst", "total CPU"])
    row(["---"] * (len(GROUPS) + 7))
    cases = [
        *((build, mixture) for build in POOLS for mixture in MIXTURES),
        *((OPENMP, mixture) for mixture in OPENMP_MIXTURES),
        *((POOLS[0], mixture) for mixture in OVERLAPPING),
    ]
    scopes = [Scope.PROCESS, *([Scope.CPUS] if watches_cpus(sampling_event()) else [])]
    held = True
    for scope, (build, mixture) in itertools.product(scopes, cases):
        found = recording.compare(build, mixture, folder, scope)
        held &= found.worst_points <= BOUND_POINTS and found.meter_deviation <= METER_BOUND
        shares = (f"{100 * found.true_shares[group]:.1f}/{100 * found.shares[group]:.1f}" for group in GROUPS)
        figures = (f"{found.samples}", f"±{found.error_points:.2f}", f"{found.worst_points:.2f}")
        row(
            [scope.value, build.name, mixture.name, *shares, *figures, f"{100 * found.meter_deviation:.3f} %"]
        )
    print(f"\nerror: largest binomial standard error, points. total CPU: cpu.total_ms against {found.meter}.")
    return held


def prove_loops(folder: Path) -> bool:
    """Compare the share of spin with loops that know theirs; say whether every bound holds."""
    if why := compiler_missing():
        print(f"\nloops: left out, {why}")
        return True
    print(f"\nShare of spin in %, loops that know theirs. Bound: {loops.BOUND_POINTS:g} points.\n")
    row(["program", "truth", "found", "samples", "points"])
    row(["---"] * 5)
    held = True
    for program in loops.PROGRAMS:
        found = loops.hold(program, folder)
        held &= found.points <= loops.BOUND_POINTS
        shares = (f"{100 * found.true:.1f}", f"{100 * found.found:.1f}")
        row([program.name, *shares, f"{found.samples}", f"{found.points:.2f}"])
    return held


def prove_symbols(folder: Path) -> bool:
    """Compare verdicts with and without names; say whether they agree often enough."""
    if why := why_not(WITH_SYMBOLS):
        print(f"\nsymbols: left out, {why}")
        return True
    print(
        f"\nONNX Runtime {WITH_SYMBOLS.version}, kinds by names and, the names taken away, by instructions."
    )
    print(f"Bound with spin-on: {nameless.AGREEMENT:.0%} of the samples.\n")
    row(["configuration", "requests/s", "samples", "alike", *(kind.value for kind in Kind)])
    row(["---"] * (len(Kind) + 4))
    held = True
    differences = []
    for configuration in ("spin-on", "spin-off"):
        for rate in SYMBOLS_RATES:
            load = Load(rate, SHORT_REQUEST_TOKENS, SYMBOLS_SECONDS)
            run, analysis = profile(WITH_SYMBOLS, configuration, folder / "reports", load)
            found = nameless.compare(run, analysis, folder)
            held &= configuration != "spin-on" or found.share >= nameless.AGREEMENT
            total = sum(found.by_symbols.values())
            shares = (
                f"{100 * found.by_symbols[kind] / total:.1f}/{100 * found.by_instructions[kind] / total:.1f}"
                for kind in Kind
            )
            row([configuration, f"{rate:g}", str(found.samples), f"{found.share:.2%}", *shares])
            differences.append((configuration, rate, found))
    print("\nWhere they differ most (samples, by names, by instructions, innermost functions):\n")
    for configuration, rate, found in differences:
        for difference, count in found.differences.most_common(SHOWN_DIFFERENCES):
            where = difference.functions.replace("onnxruntime::concurrency::", "")[:150]
            print(
                f"- {configuration}, {rate:g}/s: {count}, {difference.by_symbols}, "
                f"{difference.by_instructions}: `{where}`"
            )
    return held


def prove_wheels(folder: Path) -> bool:
    """Record stripped releases with spinning on and off; say whether spin is found where it is."""
    shape = f"{LOW_LOAD.tokens} tokens, {THREADS} threads, {LOW_LOAD.rate:g} requests/s"
    print(f"\nStripped releases, MiniLM, {shape}; shares of CPU time in %.")
    print(f"Bounds: spin above {LEAST_SPIN_ON:.0%} with spin-on, below {MOST_SPIN_OFF:.0%} with spin-off.\n")
    shown = [kind for kind in Kind if kind is not Kind.UNKNOWN]
    row(["release", "Python", "configuration", "CPU ms/request", "spin", *(kind.value for kind in shown)])
    row(["---"] * (len(shown) + 5))
    held = True
    for wheel in STRIPPED:
        if why := why_not(wheel):
            print(f"left out: {why}")
            continue
        for configuration in ("spin-on", "spin-off"):
            _, analysis = profile(wheel, configuration, folder, LOW_LOAD)
            cpu = present(analysis.summary.cpu)
            spin = cpu.share(Category.SPIN)
            held &= spin > LEAST_SPIN_ON if configuration == "spin-on" else spin < MOST_SPIN_OFF
            kinds = (f"{100 * cpu.share(kind):.1f}" for kind in shown)
            cost = f"{present(analysis.summary.profiled).cpu_ms_per_request:.1f}"
            row(
                [
                    wheel.version,
                    analysis.manifest.ort.python,
                    configuration,
                    cost,
                    f"{100 * spin:.1f}",
                    *kinds,
                ]
            )
    return held


def row(cells: Iterable[str]) -> None:
    """Print one line of a Markdown table."""
    print("| " + " | ".join(cells) + " |", flush=True)


PROOFS: dict[str, Callable[[Path], bool]] = {
    "pools": prove_pools,
    "loops": prove_loops,
    "symbols": prove_symbols,
    "wheels": prove_wheels,
}

if __name__ == "__main__":
    sys.exit(main())
