"""A child that uses CPU time when it is told to, says how much, and is blocked in between."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

CODE = """
import json, os, sys, threading, time

def burn(ms):
    end = time.thread_time_ns() + ms * 1_000_000
    while time.thread_time_ns() < end:
        pass

def worker(ms, ended, said):
    burn(ms)
    said[threading.get_native_id()] = time.thread_time_ns()
    done.release()
    if not ended:
        for_ever.wait()

for_ever, done = threading.Event(), threading.Semaphore(0)
for line in iter(sys.stdin.readline, ""):
    order, said = json.loads(line), {}
    began = time.monotonic_ns()
    for ended in (False, True):
        for ms in order.get("ended" if ended else "threads", ()):
            thread = threading.Thread(target=worker, args=(ms, ended, said), daemon=True)
            thread.start()
            done.acquire()
            # join() returns a moment before the kernel's thread is gone.
            while ended and os.path.exists(f"/proc/self/task/{thread.native_id}"):
                pass
    burn(order["ms"])
    said[threading.get_native_id()] = time.thread_time_ns()
    print(json.dumps({"process_ns": time.process_time_ns(), "threads_ns": said,
                      "began_ns": began, "ended_ns": time.monotonic_ns()}), flush=True)
"""


class Burner:
    """The child; ends with the `with` block."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self._stdin, self._stdout = self.child.stdin, self.child.stdout
        self.pid = self.child.pid
        self.burn(0)

    def __enter__(self) -> Burner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.child.kill()
        self.child.wait()
        self._stdin.close()
        self._stdout.close()

    def start(self, ms: int, **order: Any) -> None:
        """Tell the main thread to burn, after threads that stay (`threads`) and that end (`ended`)."""
        self._stdin.write(json.dumps({"ms": ms, **order}).encode() + b"\n")
        self._stdin.flush()

    def finish(self) -> dict[str, Any]:
        """Return what it used, once it is blocked again and uses no more."""
        said: dict[str, Any] = json.loads(self._stdout.readline())
        said["threads_ns"] = {int(tid): spent for tid, spent in said["threads_ns"].items()}
        tasks = Path(f"/proc/{self.pid}/task")
        while any(
            not re.search(r"^State:\s+S", (task / "status").read_text(), re.MULTILINE)
            for task in tasks.iterdir()
        ):
            pass
        return said

    def burn(self, ms: int, **order: Any) -> dict[str, Any]:
        self.start(ms, **order)
        return self.finish()
