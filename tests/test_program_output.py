from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from profiler import process
from profiler.errors import MachineError
from profiler.program_output import PIECE_BYTES, pieces, stream_output
from tests.children import DEAF, SILENT, gone, python

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_come_while_the_program_runs() -> None:
    # The child's second line depends on what the test does after it has read the first.
    code = "import os; print(os.getpid(), flush=True); import signal; signal.sigwait([10]); print('woken')"
    block = f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [10]); {code}"
    with stream_output(python(block)) as lines:
        os.kill(int(next(lines)), signal.SIGUSR1)
        assert list(lines) == [b"woken\n"]


def test_a_flood_of_messages_does_not_block_the_lines() -> None:
    flood = "import sys; [(print(n), print('e' * 9999, file=sys.stderr)) for n in range(1000)]"
    with stream_output(python(flood)) as lines:
        assert [int(line) for line in lines] == list(range(1000))


def test_a_last_line_without_its_end_is_a_line() -> None:
    with stream_output(python("print('a\\nb', end='')")) as lines:
        assert list(lines) == [b"a\n", b"b"]


def test_leaving_early_ends_a_program_that_says_no_more() -> None:
    with stream_output(python(SILENT)) as lines:
        pid = int(next(lines))
        assert not gone(pid)
    assert gone(pid)


def test_leaving_early_ends_a_program_that_never_stops_talking() -> None:
    with stream_output(python("import os\nwhile True: print(os.getpid())")) as lines:
        pid = int(next(lines))
    assert gone(pid)


def test_leaving_early_lets_a_program_end_by_its_own_means(tmp_path: Path) -> None:
    """Before it does, it says more than a pipe holds."""
    code = (
        "import signal, sys\n"
        "def end(*_):\n"
        "    print('x' * (1 << 20), flush=True); open(sys.argv[1], 'w').close(); sys.exit()\n"
        "signal.signal(2, end); print('ready', flush=True); signal.pause()"
    )
    with stream_output([*python(code), str(tmp_path / "ended")]) as lines:
        assert next(lines) == b"ready\n"
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize("goes_on", [SILENT, "import os\nwhile True: print(os.getpid())"])
def test_leaving_early_stops_a_program_that_does_not_end(
    goes_on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "TERMINATE_SECONDS", 0.05)
    with stream_output(python(DEAF + goes_on)) as lines:
        pid = int(next(lines))
    assert gone(pid)


def test_an_error_in_the_block_ends_the_program_and_stays_the_error() -> None:
    pids = []

    def read() -> None:
        with stream_output(python(SILENT)) as lines:
            pids.append(int(next(lines)))
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        read()
    assert gone(pids[0])


def test_a_failure_at_the_end_has_the_programs_last_words() -> None:
    code = "import sys; print('a'); print('first\\nlast words', file=sys.stderr); sys.exit(5)"
    with (
        pytest.raises(MachineError, match=r" -c failed with exit code 5: last words$"),
        stream_output(python(code)) as lines,
    ):
        assert list(lines) == [b"a\n"]


def test_a_failure_without_words_says_so() -> None:
    with (
        pytest.raises(MachineError, match=r"failed with exit code 5, and said nothing$"),
        stream_output(python("import sys; sys.exit(5)")) as lines,
    ):
        assert list(lines) == []


def test_pieces_of_several_come_as_they_are_printed() -> None:
    """One that waits for us is heard when it speaks, one that has ended is told of, and nothing is lost."""
    waits = (
        "import signal, os; signal.pthread_sigmask(signal.SIG_BLOCK, [10]); print(os.getpid(), flush=True); "
        "signal.sigwait([10]); print('woken')"
    )
    floods = f"print('x' * {3 * PIECE_BYTES})"
    said: list[list[bytes]] = [[], []]
    woken = False
    with ExitStack() as running:
        outputs = [running.enter_context(stream_output(python(code))) for code in (waits, floods)]
        for number, piece in pieces(outputs):
            said[number].append(piece)
            if not woken and b"\n" in b"".join(said[0]) and b"" in said[1]:
                os.kill(int(b"".join(said[0])), signal.SIGUSR1)
                woken = True
    assert b"".join(said[0]).split()[1:] == [b"woken"]
    assert b"".join(said[1]) == b"x" * 3 * PIECE_BYTES + b"\n"
    assert [of_one.count(b"") for of_one in said] == [1, 1]
    assert all(len(piece) <= PIECE_BYTES for of_one in said for piece in of_one)


def test_where_all_are_silent_for_too_long_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SILENT_SECONDS", 5)
    said = [b"", b""]

    def read() -> None:
        with ExitStack() as running:
            for number, piece in pieces([running.enter_context(stream_output(python(SILENT))) for _ in said]):
                said[number] += piece

    with pytest.raises(MachineError, match=r"python\S* said nothing for 5 s"):
        read()
    assert all(gone(int(number)) for number in said)
