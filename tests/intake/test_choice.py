from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from profiler.errors import UsageError
from profiler.intake import choice, perf_text
from profiler.run.imported import COLLAPSED
from profiler.trace.perf_data import MAGIC

if TYPE_CHECKING:
    from pathlib import Path

PERF = b"# warning\nFailed to open\nx 1 cycles:\n\t 1 f (/x)\n\n"
STACKS = b"a;b 3\na;c 1\n"


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.txt", PERF, perf_text.FORMAT),
        ("a.txt", STACKS, COLLAPSED),
        ("a.folded", STACKS, COLLAPSED),
        ("perf.collapsed", b"x 1 cycles: 4\n", COLLAPSED),
        ("a.txt", b"x 1 \n\t 1 f (/x)\n\nx 1 1.000001: \n\t 1 f (/x)\n\n", perf_text.FORMAT),
    ],
)
def test_by_name_then_by_content(name: str, content: bytes, form: str, packed: bool, tmp_path: Path) -> None:
    path = written(tmp_path, name + ".gz" * packed, gzip.compress(content, mtime=0) if packed else content)
    assert choice.take(path).format == form
    assert not choice.is_perf_data(path)


def test_perf_data_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    assert choice.is_perf_data(written(tmp_path, "x.txt", MAGIC + b"\0" * 8))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no sample in it"),
        (b"\n\nhello\n", r"line 3: no sample in it.*'hello'"),
        (b"\0\xff" * 100, "read as pprof's profile, it is damaged"),
        (b"{}", "no processed profile of Firefox Profiler"),
        (b"a" * (1 << 20), "longer than any line"),
        (gzip.compress(PERF, mtime=0)[:-6], "damaged"),
        (choice.GZIP + b"nothing", "damaged"),
    ],
)
def test_an_error_names_the_file_and_the_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, "strange.txt", content)
    with pytest.raises(UsageError, match=said) as caught:
        choice.take(path)
    assert str(path) in caught.value.message


@pytest.mark.parametrize("ask", [choice.take, choice.is_perf_data])
def test_a_fifo_is_not_waited_for(ask: object, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="a FIFO"):
        ask(tmp_path / "fifo")  # type: ignore[operator]  # either function


@pytest.mark.parametrize("content", [b"\n", b"a;b 1\n", b" ", b"{", b"\0"])
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "_LEAST_BOUND", 1 << 16)
    packed = gzip.compress(content * (4 << 20), mtime=0)
    with pytest.raises(UsageError, match=r"unpacks to more than|longer than any line"):
        choice.take(written(tmp_path, "small.gz", packed))


@pytest.mark.parametrize("first", [b"\0", b"{"])
def test_a_large_file_is_refused_before_it_is_read(first: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, "large", first)
    os.truncate(path, 1 << 40)
    with pytest.raises(UsageError, match="more than 1,073,741,824 bytes"):
        choice.take(path)
