"""study.json of strangers: what reads it does, or refuses it with a line; nothing else comes of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.analyse import analyse
from profiler.errors import ExitCode
from profiler.pages.index.index_page import write_index
from profiler.pages.run import write_report
from profiler.run.directory import RunDirectory
from profiler.study.study_record import StudyDirectory, write_record
from tests.reading.mutations import LEAVES, changed, paths
from tests.reading.test_damaged import STUDY, STUDY_COMMANDS, STUDY_RUNS, record_of, run_command
from tests.reading.test_mutated import steadily

COMMANDS = [
    *(arguments for name, arguments in STUDY_COMMANDS.items() if name != "sweep"),
    ["show", STUDY, "--json"],
    ["query", "SELECT * FROM cells"],
    ["publish", STUDY, "--store", "store"],
]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyDirectory:
    """Return a study of two analysed runs in a reports folder of its own."""
    directory = StudyDirectory(tmp_path_factory.mktemp("study") / STUDY)
    runs = []
    for name in ("spin-on", "spin-off"):
        run = RunDirectory(Path(shutil.copytree(STUDY_RUNS / name, directory.runs_folder / name)))
        write_report.write(run, analyse(run))
        runs.append(run.path)
    write_record(directory, record_of(runs))
    return directory


def test_a_study_with_a_value_changed(
    study: StudyDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = json.loads(study.manifest.read_bytes())

    @steadily(max_examples=40)
    @given(st.sampled_from(list(paths(document))), st.sampled_from(LEAVES), st.sampled_from(COMMANDS))
    def holds(path: tuple[str | int, ...], value: Any, command: list[str]) -> None:
        study.manifest.write_text(json.dumps(changed(document, path, value)))
        write_index(study.path.parent)
        ended = run_command(command, study.path.parent)
        assert ended.code in {ExitCode.DONE, ExitCode.CHECK_FAILED, ExitCode.BAD_INPUT}, (command, ended)

    holds()


@pytest.mark.parametrize(
    "command", [["query", "SELECT * FROM cells"], ["publish", STUDY, "--store", "store"]]
)
def test_sizes_beyond_a_column_are_refused(
    command: list[str], study: StudyDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reports = Path(shutil.copytree(study.path.parent, tmp_path / "reports"))
    directory = StudyDirectory(reports / STUDY)
    write_record(directory, record_of([directory.runs_folder / name for name in ("spin-on", "spin-off")]))
    document = json.loads(directory.manifest.read_bytes())
    directory.manifest.write_text(json.dumps(changed(document, ("cells", 0, "workload", "tokens"), 2**63)))
    assert "study.json" in run_command(command, reports).said
