"""A process whose pool of two workers polls between requests."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVES = """
import sys, time, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
given = session.get_inputs()[0].name
print("ready", flush=True)
while True:
    session.run(None, {given: numpy.ones((1, 64, 512), numpy.float32)})
    time.sleep(0.02)
"""


@contextlib.contextmanager
def spinner(model: Path, program: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Write a program, and run it while the block does; it serves itself."""
    program.write_text(SERVES, encoding="utf-8")
    command = [sys.executable, str(program), str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()
