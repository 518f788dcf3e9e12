"""A reports folder with two analysed runs and a study of the second, and stores to put them into."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler import files
from profiler.attribution.analyse import analyse
from profiler.run.directory import RunDirectory
from profiler.run.manifest import read_manifest
from profiler.run.summary import to_document
from profiler.study import study_record
from profiler.study.study_record import ScheduledRun, State, StudyDirectory
from tests.study.made import Made, make_results

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[1] / "study" / "data"
RUNS = ("spin-off", "spin-on")
STUDY = "20261122T180000Z-study-made"


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of real runs, whose names are their ids, analysed; not to be changed."""
    folder = tmp_path_factory.mktemp("analysed")
    for name in RUNS:
        manifest = read_manifest(DATA / name / "run.json")
        run = RunDirectory(Path(shutil.copytree(DATA / name, folder / manifest.run_id)))
        files.write_json(run.summary, to_document(analyse(run, lambda _: None).summary))
        files.write(run.report, b"a page")
        files.write(run.perf_data, b"a recording")
    return folder


@pytest.fixture
def reports(analysed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(analysed, tmp_path / "reports"))


def run_ids(reports: Path) -> list[str]:
    return sorted(path.name for path in reports.iterdir() if (path / "run.json").is_file())


def add_study(reports: Path, kernel: str | None = None, name: str = STUDY) -> StudyDirectory:
    """Make a study of the folder's runs; with a kernel, the second ran on a machine with that one."""
    names = run_ids(reports)
    record = make_results([Made("spin-on", repeats=1), Made("spin-off", repeats=1)]).record
    schedule = [
        ScheduledRun(cell=at, round=0, state=State.DONE, run_id=run, profiled=True)
        for at, run in enumerate(names)
    ]
    study = StudyDirectory(reports / name)
    study.runs_folder.mkdir(parents=True)
    for at, run in enumerate(names):
        copy = RunDirectory(Path(shutil.copytree(reports / run, study.runs_folder / run)))
        if kernel and at:
            manifest = read_manifest(copy.manifest)
            host = msgspec.structs.replace(manifest.host, kernel=kernel)
            files.write_json(copy.manifest, msgspec.to_builtins(msgspec.structs.replace(manifest, host=host)))
    study_record.write_record(study, msgspec.structs.replace(record, schedule=schedule))
    files.write(study.page, b"a page")
    return study


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Return the address of a server that speaks S3."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes seconds

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
