"""Real probes in a real program, where the kernel has them."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, UsageError
from profiler.record.capabilities import privileged
from profiler.record.probes.probe_event import KIND, kind_of_probes
from profiler.record.probes.run_probes import RunProbes
from profiler.record.target.examined import examine_process
from profiler.symbols.elf import ElfFile
from profiler.symbols.run_function import run_functions
from tests.made_api import CALLS, compile_api
from tests.record.target.targets import running

if TYPE_CHECKING:
    from collections.abc import Iterator

probing = pytest.mark.skipif(
    not (KIND.exists() and privileged() and shutil.which("gcc")), reason="no probes for us here, or no gcc"
)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a program that calls `Run` for each line that it reads, and says `ready` before."""
    with subprocess.Popen(
        [str(compile_api(tmp_path)[1])], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        try:
            yield child
        finally:
            child.kill()


def call(program: subprocess.Popen[bytes]) -> None:
    """Have it call, and wait until it reads again: it says so before it calls."""
    assert program.stdin is not None
    assert program.stdout is not None
    for _ in range(2):
        program.stdin.write(b"\n")
        program.stdin.flush()
        assert program.stdout.readline() == b"ready\n"


@probing
def test_each_call_is_seen_and_the_code_is_as_it_was(
    program: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    library = tmp_path / "libonnxruntime.so.1"
    (run,) = run_functions(ElfFile.open(library))
    before = code_at(program.pid, library, run.begin)
    probes = RunProbes([examine_process(program.pid)])
    try:
        assert code_at(program.pid, library, run.begin) != before
        begin_ns = time.monotonic_ns()
        call(program)
        requests = probes.read("profile")
        end_ns = time.monotonic_ns()
    finally:
        probes.close()
    assert len(requests) >= CALLS
    assert {(request.process, request.caller) for request in requests} == {(program.pid, program.pid)}
    assert all(begin_ns <= one.start_ns < one.end_ns <= end_ns for one in requests)
    assert probes.lost == probes.refused == 0
    assert code_at(program.pid, library, run.begin) == before
    call(program)


def code_at(pid: int, library: Path, address: int) -> bytes:
    """Return bytes of a running program's code; `address` is the file's, which is linked to begin at 0."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    (begin, *_) = (int(line.split("-")[0], 16) for line in maps if line.endswith(str(library)))
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        memory.seek(begin + address)
        return memory.read(4)


@probing
def test_a_process_without_such_a_function_is_refused() -> None:
    with (
        running("import onnxruntime") as pid,
        pytest.raises(UsageError, match="neither symbols nor the C interface"),
    ):
        RunProbes([examine_process(pid)])


@pytest.mark.parametrize("content", [None, "nonsense"])
def test_a_kernel_without_probes(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "type").write_text(content)
    with pytest.raises(MachineError, match="this kernel has no probes") as caught:
        kind_of_probes(tmp_path / "type")
    assert "leave --probes out" in str(caught.value.hint)
