"""Marks a request for each line of its standard input, and says what it did."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import timeit

sys.path.insert(0, sys.argv[1])
import ortprof_marks  # type: ignore[import-not-found]  # found by PYTHONPATH
from ortprof_marks import request


def marked() -> dict[str, int]:
    before = time.monotonic_ns()
    with request():
        inside = time.monotonic_ns()
    return {
        "before": before,
        "inside": inside,
        "after": time.monotonic_ns(),
        "tid": threading.get_native_id(),
    }


def fork() -> dict[str, int]:
    child = os.fork()
    if child == 0:
        while True:
            marked()
            time.sleep(0.001)
    return {"child": child}


def close() -> dict[str, int]:
    os.closerange(3, 100)
    return {}


def listened() -> dict[str, int]:
    marked()
    return {"listened": ortprof_marks._listened}


def many() -> dict[str, int]:
    for _ in range(3 * ortprof_marks.RECORDS):
        marked()
    return {"requests": 3 * ortprof_marks.RECORDS}


def cost() -> dict[str, int]:
    def mark() -> None:
        with request():
            pass

    return {"ns": round(min(timeit.repeat(mark, number=2000, repeat=50)) / 2000 * 1e9)}


COMMANDS = {"cost": cost, "mark": marked, "fork": fork, "close": close, "listened": listened, "many": many}
print(json.dumps({"pid": os.getpid()}), flush=True)
for line in sys.stdin:
    print(json.dumps(COMMANDS[line.strip()]()), flush=True)
