"""Text of strangers reaches a terminal as text alone: every command, both streams, errors too."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from profiler.cli.main import run
from tests.cli.terminals import on_terminal

DATA = Path(__file__).resolve().parents[1] / "pages" / "data" / "spin-on"
EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202eevil\u2066\x9b5m\rover\x08\x7f"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
STYLES = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[hl]|2K|[0-9]*A)|\r")
"""What rich writes on a terminal of its own: styles, and the moves of its progress."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good run; one of a stranger whose every text is hostile; one whose JSON is damaged."""
    folder = tmp_path_factory.mktemp("reports")
    shutil.copytree(DATA, folder / "good")
    assert run(["report", "good", "--no-source", "--reports", str(folder)]) == 0
    shutil.copytree(folder / "good", folder / "evil")
    shutil.copytree(folder / "good", folder / "damaged")
    for file in ("run.json", "summary.json"):
        path = folder / "evil" / file
        path.write_text(json.dumps(poisoned(json.loads(path.read_text()))))
        (folder / "damaged" / file).write_text(json.dumps({"schema": EVIL, EVIL: EVIL}))
    return folder


@pytest.fixture(autouse=True)
def _study_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where hostile study files are."""
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text(f"configs = [{json.dumps(EVIL)}]\n")
    Path("key.toml").write_text(f'configs = ["spin-on"]\n{json.dumps(EVIL)} = 1\n')


FREE = {
    "what",
    "why",
    "hint",
    "symbol",
    "library",
    "file",
    "cpu",
    "system",
    "kernel",
    "model",
    "image",
    "meaning",
}
"""Fields of a run's files that hold text of any kind."""


def poisoned(value: Any, key: str = "") -> Any:
    """Return a document with something evil in every free text."""
    if isinstance(value, dict):
        return {name: poisoned(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, key) for each in value]
    return value + EVIL if isinstance(value, str) and key in FREE else value


COMMANDS = [
    *("show evil", "show damaged", "runs", "report damaged", "annotate evil", "annotate good EVIL"),
    *("compare good evil", "compare good damaged", "compare EVIL good", "show EVIL"),
    *("check evil --max-p95-ms 100", "check damaged --max-p95-ms 1", "check EVIL --max-p95-ms 1"),
    *("export damaged", "export good -o EVIL/x", "sweep study.toml", "sweep key.toml", "sweep EVIL"),
    *("sweep --configs EVIL", "sweep --configs spin-on --rates EVIL", "runs prune --dry-run"),
    *("record --config EVIL", "record --model EVIL", "record --model EVIL.onnx", "record --python EVIL"),
    *("record --python ./EVIL", "record --dim EVIL=1", "record --session-entry EVIL", "record --seed EVIL"),
    *("record --EVIL", "record --arrivals EVIL", "record --cpu-limit EVIL", "record --source-root EVIL"),
    *("configs show EVIL", "EVIL", "runs remove EVIL", "models prepare EVIL", "advise EVIL --p95-ms 5"),
    *("advise --p95-ms EVIL", "advise --p95-ms 5 --model EVIL", "doctor --python EVIL"),
    "show good --reports EVIL",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_that_a_terminal_obeys_is_printed(
    command: str, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [word.replace("EVIL", EVIL) for word in command.split()]
    takes_reports = arguments[0] in {
        "show",
        "runs",
        "report",
        "annotate",
        "compare",
        "check",
        "export",
        "sweep",
    }
    if takes_reports and "--reports" not in arguments and len(arguments) > 1:
        arguments += ["--reports", str(reports)]
    capsys.readouterr()
    code = run(arguments)
    said, told = capsys.readouterr()
    assert code in {0, 1, 2, 3}
    assert said + told
    assert not OBEYED.search(said + told), ascii(said + told)


@pytest.mark.parametrize(
    "command", ["show evil", "compare good evil", "runs", "show damaged", "sweep key.toml"]
)
def test_on_a_terminal_there_are_our_own_styles_alone(command: str, reports: Path) -> None:
    code, shown = on_terminal(80, *command.split(), "--reports", str(reports))
    assert code in {0, 2}
    assert not OBEYED.search(STYLES.sub("", shown)), ascii(shown)
    assert "\x1b[31m" not in shown


def test_an_error_is_one_line_whatever_a_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "x", "--reports", "a\nortprof: error: b"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_line_break_in_a_name_breaks_no_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(DATA, tmp_path / "two\nlines\tand a tab")
    assert run(["runs", "--reports", str(tmp_path)]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split("  ")[0] for row in rows] == ["two\N{REPLACEMENT CHARACTER}lines and a tab"]
