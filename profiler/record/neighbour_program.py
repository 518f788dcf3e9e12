"""Started as a program: computes steadily, and says how much it has done whenever a line comes in.

Ends when standard input does, and so with whoever started it, whatever ends that. Standard library only:
it runs with `python -I -S`, outside any environment.
"""

from __future__ import annotations

import json
import select
import sys
import time

STEPS = 5_000
"""Of a unit of work: a fraction of a millisecond, so that a question does not wait."""


def unit(state: int) -> int:
    """Do one unit of work, always the same: a linear congruential generator (POSIX's example of rand)."""
    for _ in range(STEPS):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
    return state


def main() -> None:
    """Work until standard input ends."""
    units, state = 0, 1
    while True:
        if select.select([sys.stdin], [], [], 0)[0]:
            if not sys.stdin.readline():
                return
            said = {"time_ns": time.monotonic_ns(), "cpu_ns": time.process_time_ns(), "units": units}
            print(json.dumps(said), flush=True)
        state = unit(state)
        units += 1


if __name__ == "__main__":
    main()
