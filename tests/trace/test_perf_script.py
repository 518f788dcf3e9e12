from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, UsageError
from profiler.intake import perf_data
from profiler.program_output import stream_output
from profiler.trace import perf_report, perf_script
from profiler.trace.parse_error import TraceFileError
from profiler.trace.perf_data import MAGIC
from tests.children import gone
from tests.damage import NO_FILES
from tests.trace.parsed import parse
from tests.until import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Perf = Callable[[str], Path]

DATA = Path(__file__).parents[1] / "data" / "perf"


@pytest.fixture
def perf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Perf]:
    """A stand-in for perf, the first on PATH, that writes down its arguments and runs a piece of shell."""
    log = tmp_path / "arguments"

    def make(script: str) -> Path:
        program = tmp_path / "perf"
        program.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return log

    perf_script._has_file_offsets.cache_clear()
    yield make
    perf_script._has_file_offsets.cache_clear()


def test_decode(perf: Perf, tmp_path: Path) -> None:
    golden = next(DATA.glob("dwarf-*.script"))
    perf(f'cat "{golden}"')
    (tmp_path / "perf.data").write_bytes(MAGIC)
    trace = perf_script.decode(tmp_path / "perf.data")
    with golden.open("rb") as lines:
        assert trace.strings == parse(lines).strings


@pytest.mark.parametrize(("usage", "asked"), [("ip,sym,dso,addr", False), ("ip,sym,dso,dsoffaddr", True)])
def test_file_offsets_where_perf_has_them(perf: Perf, tmp_path: Path, usage: str, asked: bool) -> None:
    perf(f"echo 'Fields: {usage}' >&2; exit 129")
    fields = perf_script.command(tmp_path / "perf.data")[7]
    assert fields.endswith(",+dsoff") == asked


def self_shares(path: Path) -> dict[str, perf_report.Shares]:
    with perf_report.asked(path) as answer:
        return answer()


ASKED: dict[str, Callable[[Path], object]] = {
    "perf script": perf_script.decode,
    "perf report": self_shares,
    "perf script --header-only": perf_data.header,
    "perf script --show-mmap-events": perf_data.libraries,
}
"""All that is asked of perf about a recording."""


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("echo 'bad format' >&2; exit 255", (TraceFileError, "failed with exit code 255: bad format$")),
        ("exit 1", (TraceFileError, "failed with exit code 1, and said nothing$")),
        ("kill -SEGV $$", (TraceFileError, "was killed by SIGSEGV, and said nothing$")),
        ("kill -KILL $$", (MachineError, "was killed by SIGKILL, and said nothing$")),
    ],
)
def test_what_perf_fails_with_is_bad_input_and_what_is_done_to_perf_is_not(
    perf: Perf, tmp_path: Path, asked: str, script: str, failure: tuple[type[Exception], str]
) -> None:
    perf(script)
    (tmp_path / "perf.data").write_bytes(MAGIC)
    error, said = failure
    with pytest.raises(error, match=said):
        ASKED[asked](tmp_path / "perf.data")


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("kind", NO_FILES)
def test_perf_is_not_asked_to_read_what_is_no_file(perf: Perf, tmp_path: Path, kind: str, asked: str) -> None:
    log = perf("sleep 100")
    NO_FILES[kind](tmp_path / "perf.data")
    with pytest.raises(UsageError, match=r"/perf\.data: "):
        ASKED[asked](tmp_path / "perf.data")
    assert not log.exists() or "-i" not in log.read_text()


@pytest.mark.parametrize("asked", ASKED)
def test_perf_reads_the_file_that_was_looked_at_whatever_stands_there_meanwhile(
    perf: Perf, tmp_path: Path, asked: str
) -> None:
    """Else it would wait on the FIFO for ever."""
    recorded, read = tmp_path / "perf.data", tmp_path / "read"
    recorded.write_bytes(MAGIC)
    perf(f'for last; do :; done; rm "{recorded}"; mkfifo "{recorded}"; cat "$last" > "{read}"; exit 255')
    perf_script._has_file_offsets.cache_clear()
    with pytest.raises(TraceFileError, match="failed"):
        ASKED[asked](recorded)
    assert read.read_bytes() == MAGIC


@pytest.mark.parametrize("content", [b"", b"PERF", b"\x00" * 104])
def test_perf_is_not_asked_to_read_what_is_no_recording(perf: Perf, tmp_path: Path, content: bytes) -> None:
    log = perf("exit 255")
    (tmp_path / "perf.data").write_bytes(content)
    with pytest.raises(UsageError, match="perf did not write that"):
        perf_script.decode(tmp_path / "perf.data")
    assert not log.exists() or "-i" not in log.read_text()


def test_perf_that_nobody_waits_for_any_more_is_ended(perf: Perf, tmp_path: Path) -> None:
    perf(f'echo > "{tmp_path}/$$.pid"; exec sleep 60')
    (tmp_path / "perf.data").write_bytes(MAGIC)
    pids: list[int] = []

    def leave() -> None:
        with perf_report.asked(tmp_path / "perf.data"):
            wait_until(lambda: any(tmp_path.glob("*.pid")), 20)
            pids.extend(int(path.stem) for path in tmp_path.glob("*.pid"))
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        leave()
    assert [gone(pid) for pid in pids] == [True]


def test_self_shares(perf: Perf, tmp_path: Path) -> None:
    log = perf(f'cat "{next(DATA.glob("dwarf-*.report"))}"')
    (tmp_path / "perf.data").write_bytes(MAGIC)
    theirs = self_shares(tmp_path / "perf.data")
    shares = theirs["cpu-clock"]
    assert max(shares, key=lambda key: shares[key]) == ("(anonymous namespace)::burn", "nasty")
    assert "cycles" not in theirs
    assert "--no-children --no-inline --stdio" in log.read_text()


ASKS_THE_TIME = "import time; end = time.monotonic() + 0.5\nwhile time.monotonic() < end: pass"


@pytest.mark.e2e
def test_perf_that_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    """perf copies the vDSO to read it. Another perf would do so, too: nothing may record beside this."""
    recorded = tmp_path / "perf.data"
    options = ("-q", "-B", "-F", "4999", "-e", "cpu-clock", "-g", "-o", str(recorded))
    subprocess.run(["perf", "record", *options, "--", sys.executable, "-c", ASKS_THE_TIME], check=True)
    before = _copies()
    with stream_output(perf_script.command(recorded)) as lines:
        assert any(b"[vdso]" in line for line in lines)
        assert _copies() > before
    assert _copies() == before


def _copies() -> set[Path]:
    return set(Path("/tmp").glob("perf-vdso*"))  # noqa: S108  where perf has them, whatever TMPDIR says
