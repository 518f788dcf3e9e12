from __future__ import annotations

from pathlib import Path

import pytest

from profiler.cli.main import run
from profiler.errors import ExitCode


@pytest.mark.parametrize(
    ("options", "name"), [([], "ortprof_marks.py"), (["--language", "c"], "ortprof_marks.h")]
)
def test_the_marker_is_copied_whole(
    options: list[str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["marks", *options]) == ExitCode.DONE
    source = Path(capsys.readouterr().out.strip())
    assert source.name == name
    for _ in range(2):  # a newer one replaces it
        assert run(["marks", str(tmp_path), *options]) == ExitCode.DONE
        assert (tmp_path / name).read_bytes() == source.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["marks", str(tmp_path / "gone")]) == ExitCode.BAD_INPUT
    assert "gone is no folder" in capsys.readouterr().err
