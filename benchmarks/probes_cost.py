"""What probes cost a call: `ortprof attach --probes` has one where `Run` begins and one where it returns.

    python -m benchmarks.probes_cost

A C program calls a function that does nothing; of some rounds of 50,000 calls the best, without probes and
with them. Needs root or CAP_PERFMON, and gcc.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from profiler import process
from profiler.record.light.ring import Ring
from profiler.record.probes.probe_event import kind_of_probes, prober
from profiler.symbols.disassemble import disassemble
from profiler.symbols.elf import ElfFile
from profiler.symbols.functions import read_functions

PROGRAM = """
#include <stdio.h>
#include <time.h>
__attribute__((noinline)) int probed(int x) { __asm__ volatile(""); return x + 1; }
int main(void) {
  char line[16];
  int value = 0;
  while (fgets(line, sizeof line, stdin)) {
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (int call = 0; call < 50000; call++) value = probed(value);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    printf("%.0f\\n", ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / 50000);
    fflush(stdout);
  }
  return value == 0;
}
"""
ROUNDS = 10
PAGES = 64


def best(program: process.Piped) -> float:
    """Return the least CPU time a call of some rounds, in nanoseconds."""
    rounds = []
    for _ in range(ROUNDS):
        program.stdin.write(b"\n")
        program.stdin.flush()
        rounds.append(float(program.stdout.readline()))
    return min(rounds)


def main() -> None:
    """Print both."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program"
        path.with_suffix(".c").write_text(PROGRAM)
        subprocess.run(["gcc", "-O1", "-o", str(path), str(path.with_suffix(".c"))], check=True)
        elf = ElfFile.open(path)
        functions = read_functions(elf)
        index = next(at for at in range(len(functions)) if functions.name(at) == "probed")
        begin, end = int(functions.start[index]), int(functions.end[index])
        places = [begin, *(one.address for one in disassemble(elf, begin, end) if one.mnemonic == "ret")]
        kind = kind_of_probes()
        program = process.spawn_piped([str(path)], stderr=Path(folder) / "log", extra_environment={})
        with program.child, program.stdin, program.stdout:
            plain = best(program)
            offsets = elf.to_offsets(np.array(places)).tolist()
            rings = [Ring(prober(kind, path, offset)(program.child.pid), PAGES) for offset in offsets]
            probed = best(program)
            for ring in rings:
                ring.close()
    print(f"{plain:.0f} ns a call, {probed:.0f} ns with probes at its begin and its return")


if __name__ == "__main__":
    main()
