"""Every command that reads, over every file of a run and a study, damaged in every way.

Each ends at once, with status 0 where it does without the file or 2 and a line that names it.
"""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from profiler.attribution.analyse import analyse
from profiler.cli.main import app
from profiler.errors import ExitCode, OrtprofError
from profiler.listing.kept import KEPT
from profiler.pages.run import write_report
from profiler.run.directory import RunDirectory
from profiler.run.manifest import read_manifest
from profiler.spec.study_file import make_study
from profiler.study.study_record import (
    ScheduledRun,
    State,
    StudyCell,
    StudyDirectory,
    StudyRecord,
    write_record,
)
from tests.conftest import OPERATORS
from tests.damage import DAMAGE, damage

SECONDS = 20
STUDY_RUNS = Path(__file__).parents[1] / "study" / "data"
RUN, MEASURED, STUDY = "operators", "measured", "matrix"
COMMANDS = {
    "show": ["show", RUN],
    "show --json": ["show", RUN, "--json"],
    "report": ["report", RUN],
    "compare": ["compare", MEASURED, RUN, "-o", "/dev/null"],
    "check": ["check", MEASURED, "--max-cpu-ms", "10000"],
    "annotate": ["annotate", RUN],
    "export": ["export", RUN, "-o", "/dev/null"],
    "runs": ["runs"],
    "runs prune": ["runs", "prune", "--dry-run"],
}
WRITTEN = ("summary.json", KEPT)
"""What `report` writes."""
BUILDS_MODELS = "sweep"
STUDY_COMMANDS = {
    "advise": ["advise", STUDY, "--p95-ms", "10000"],
    "check": ["check", STUDY, "--max-cpu-ms", "10000"],
    "show": ["show", STUDY],
    "compare": ["compare", f"{STUDY}/runs/spin-on", f"{STUDY}/runs/spin-off", "-o", "/dev/null"],
    BUILDS_MODELS: ["sweep", STUDY, "--dry-run"],
    "runs": ["runs"],
}
FILES = (
    "run.json",
    "summary.json",
    "requests.jsonl",
    "counters.json",
    "trace.npz",
    "decoding.json",
    "operators.npz",
    "operators.trace.npz",
    KEPT,
)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    said: str


def run_command(arguments: list[str], reports: Path) -> Ended:
    """Run a command in this process, with a time limit that no read can outlast."""

    def stop(_number: int, _frame: object) -> None:
        raise TimeoutError(f"{arguments} still ran after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        done = CliRunner().invoke(app, _placed(arguments, reports))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if isinstance(done.exception, OrtprofError):
        return Ended(done.exception.exit_code, done.exception.message)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(done.exit_code, done.output)


def _placed(arguments: list[str], reports: Path) -> list[str]:
    """Add the reports folder; `runs` takes it before its own commands or behind."""
    return [*arguments, "--reports", str(reports)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a reports folder of two analysed runs and a study of them."""
    reports = tmp_path_factory.mktemp("whole") / "reports"
    for name, origin in ((RUN, OPERATORS), (MEASURED, STUDY_RUNS / "spin-on")):
        run = RunDirectory(Path(shutil.copytree(origin, reports / name)))
        write_report.write(run, analyse(run))
    directory = StudyDirectory(reports / STUDY)
    made = []
    for name in ("spin-on", "spin-off"):
        made.append(RunDirectory(Path(shutil.copytree(STUDY_RUNS / name, directory.runs_folder / name))))
        write_report.write(made[-1], analyse(made[-1]))
    write_record(directory, record_of([run.path for run in made]))
    return reports


def record_of(runs: list[Path]) -> StudyRecord:
    """Return the record of a study that made these runs, each in a cell of its own."""
    manifests = [read_manifest(run / "run.json") for run in runs]
    cells = [
        StudyCell(configuration=each.configuration, workload=each.workload)
        for each in manifests
        if each.configuration is not None and each.workload is not None
    ]
    return StudyRecord(
        created="2026-01-01T00:00:00Z",
        ortprof="0.1",
        python="python3",
        ort_version=manifests[0].ort.version,
        study=make_study(STUDY, {"name": STUDY, "configs": [cell.configuration.name for cell in cells]}),
        cells=cells,
        schedule=[
            ScheduledRun(cell=at, round=0, state=State.DONE, run_id=run.name, profiled=True)
            for at, run in enumerate(runs)
        ],
    )


@pytest.fixture
def reports(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(whole, tmp_path / "reports"))


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_read_a_whole_run(command: str, reports: Path) -> None:
    assert run_command(COMMANDS[command], reports).code == ExitCode.DONE


def allowed(command: str, name: str, kind: str) -> set[ExitCode]:
    """Return how a command may end."""
    if command == "report" and name in WRITTEN and kind == "folder":
        return {ExitCode.MACHINE_LACKS}  # what stands there is not ours to remove
    if command == "check" and (name, kind) == ("requests.jsonl", "empty"):
        return {ExitCode.CHECK_FAILED}  # a run may have had no request; then nothing can be decided
    return {ExitCode.DONE, ExitCode.BAD_INPUT}


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_run_with_a_damaged_file(name: str, kind: str, reports: Path) -> None:
    for command, arguments in COMMANDS.items():
        damaged = reports / (MEASURED if command == "check" else RUN) / name
        damage(damaged, kind)
        ended = run_command(arguments, reports)
        assert ended.code in allowed(command, name, kind), (command, ended)
        if ended.code not in {ExitCode.DONE, ExitCode.CHECK_FAILED}:
            assert str(damaged) in ended.said, (command, ended)


@pytest.mark.parametrize("command", [name for name in STUDY_COMMANDS if name != BUILDS_MODELS])
def test_commands_read_a_whole_study(command: str, reports: Path) -> None:
    ended = run_command(STUDY_COMMANDS[command], reports)
    assert ended.code == ExitCode.DONE, ended


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_study_with_a_damaged_record(kind: str, reports: Path) -> None:
    damaged = reports / STUDY / "study.json"
    for command, arguments in STUDY_COMMANDS.items():
        damage(damaged, kind)
        ended = run_command(arguments, reports)
        done = command == "runs"
        assert ended.code == (ExitCode.DONE if done else ExitCode.BAD_INPUT), (command, ended)
        if ended.code not in {ExitCode.DONE, ExitCode.CHECK_FAILED}:
            assert str(damaged) in ended.said, (command, ended)
