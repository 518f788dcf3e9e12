from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from profiler import files
from profiler.attribution.analyse import analyse
from profiler.errors import UsageError
from profiler.run.directory import RunDirectory
from profiler.run.manifest import read_manifest
from profiler.run.summary import to_document
from profiler.spec.study import Study
from profiler.study.compare.comparison import compare_pair
from profiler.study.intervals import Basis
from profiler.study.study_record import ScheduledRun, State, StudyCell, create_study, new_record
from tests.compared_runs import OLD, read

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.study.compare.sides import Pair


def change(reports: Path, run: str, **changes: Any) -> None:
    """Change a run's manifest."""
    path = reports / run / "run.json"
    files.write_json(path, files.read_json(path) | changes)


def test_single_runs_have_one_repeat_each(pair: Pair) -> None:
    assert (pair.before.label, pair.after.label, pair.study) == ("spin-on+t2", "spin-off+t2", None)
    assert [len(side.measured) for side in pair.sides] == [1, 1]
    assert len(pair.before.measured[0].cpu_ms) == len(pair.before.measured[0].latency_ms) == 40


def test_configuration_names_are_found(reports: Path) -> None:
    assert read(reports, OLD, "spin-off+t2").after.run.run_id == "spin-off"


def test_of_several_runs_those_of_one_model_are_meant(reports: Path) -> None:
    """README's `compare spin-on spin-off`, after spin-on was recorded of another model as well."""
    shutil.copytree(reports / "spin-on", reports / "z-spin-on")
    workload = files.read_json(reports / "z-spin-on" / "run.json")["workload"]
    change(reports, "z-spin-on", run_id="z-spin-on", workload=workload | {"model": "tiny"})
    pair = read(reports, "spin-on+t2", "spin-off+t2")
    assert (pair.before.run.run_id, pair.after.run.run_id) == (OLD, "spin-off"), "minilm's latest"
    shutil.copytree(reports / "spin-off", reports / "z-spin-off")
    change(reports, "z-spin-off", run_id="z-spin-off", workload=workload | {"model": "tiny"})
    pair = read(reports, "spin-on+t2", "spin-off+t2")
    assert (pair.before.run.run_id, pair.after.run.run_id) == ("z-spin-on", "z-spin-off")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("spin-on", "spin-on", "are the same run, spin-on"),
        ("spin-off", "spin-off+t2", "spin-off and spin-off\\+t2 are the same run"),
        ("spin-on", "nothing", "there is no run 'nothing'"),
    ],
)
def test_nonsense_is_refused(reports: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(reports, before, after)


def test_another_model_is_refused(reports: Path) -> None:
    workload = files.read_json(reports / "spin-off" / "run.json")["workload"]
    change(reports, "spin-off", workload=workload | {"model": "bert-large"})
    with pytest.raises(UsageError, match=r"ran the model minilm and .* ran bert-large") as caught:
        read(reports, "spin-on", "spin-off")
    assert caught.value.hint == "record both with the same --model"


def test_another_shape_is_refused(reports: Path) -> None:
    process = files.read_json(reports / "spin-off" / "run.json")["process"]
    process["inputs"][0]["shape"] = [1, 128]
    change(reports, "spin-off", process=process)
    with pytest.raises(UsageError, match=r"the inputs of minilm differ: .* 1 x 10, .* 1 x 128"):
        read(reports, "spin-on", "spin-off")


def test_inputs_that_are_none_are_refused(reports: Path) -> None:
    process = files.read_json(reports / "spin-off" / "run.json")["process"]
    change(reports, "spin-off", process=process | {"inputs": [{"name": 7, "shape": "wide"}]})
    with pytest.raises(UsageError, match=r"run\.json .* at `\$\.process\.inputs\[0\]\.name`"):
        read(reports, "spin-on", "spin-off")


def test_without_a_measured_phase_the_profiles_are_compared(reports: Path) -> None:
    phases = files.read_json(reports / "spin-off" / "run.json")["phases"]
    change(reports, "spin-off", phases=[phase for phase in phases if phase["name"] != "measure"])
    found = compare_pair(read(reports, "spin-on", "spin-off"))
    assert found.pair.after.measured == ()
    assert found.basis is None
    assert found.headline == "spin-off+t2 and spin-on+t2 have no measured figure in common."
    assert found.cpu


def study_of(reports: Path, rounds: int, lost: tuple[int, int] | None = None) -> Path:
    """Make a study of both configurations from copies of the runs; `lost` is a cell's failed round."""
    for name in ("spin-on", "spin-off"):
        profiled = RunDirectory(reports / name)
        files.write_json(profiled.summary, to_document(analyse(profiled).summary))
    manifests = [read_manifest(reports / name / "run.json") for name in ("spin-on", "spin-off")]
    cells = [
        StudyCell(configuration=one.configuration, workload=one.workload)
        for one in manifests
        if one.configuration is not None and one.workload is not None
    ]
    schedule = [
        ScheduledRun(
            cell=cell,
            round=turn,
            state=State.FAILED if (cell, turn) == lost else State.DONE,
            run_id=f"{('spin-on', 'spin-off')[cell]}-{turn}",
            profiled=turn == 0,
        )
        for turn in range(rounds)
        for cell in (0, 1)
    ]
    record = new_record(
        Study(name="both", configs=("spin-on", "spin-off")),
        cells,
        schedule,
        python="python",
        ort_version="1.32.0",
    )
    study = create_study(reports, record)
    for run in schedule:
        if run.state is State.DONE:
            target = study.runs_folder / run.run_id
            shutil.copytree(reports / run.run_id.rpartition("-")[0], target)
            manifest = files.read_json(target / "run.json")
            files.write_json(target / "run.json", manifest | {"run_id": run.run_id})
    return study.path


def test_runs_of_one_study_are_compared_by_all_repeats(reports: Path) -> None:
    study = study_of(reports, 3)
    pair = read(study, "spin-on+t2", "spin-off-2")
    assert pair.study == study.name
    assert [side.run.run_id for side in pair.sides] == ["spin-on-0", "spin-off-0"], "the profiled ones"
    assert [[one.run_id for one in side.measured] for side in pair.sides] == [
        ["spin-on-0", "spin-on-1", "spin-on-2"],
        ["spin-off-0", "spin-off-1", "spin-off-2"],
    ]
    found = compare_pair(pair)
    assert found.basis is Basis.REPEATS
    assert any(f"3 repeats each, run in turns ({study.name})" in caution for caution in found.cautions)


def test_only_rounds_that_both_have_are_used(reports: Path) -> None:
    pair = read(study_of(reports, 3, lost=(1, 1)), "spin-on", "spin-off")
    assert [[one.run_id[-1] for one in side.measured] for side in pair.sides] == [["0", "2"], ["0", "2"]]


def test_repeats_of_the_same_are_refused(reports: Path) -> None:
    study = study_of(reports, 2)
    with pytest.raises(UsageError, match=r"are repeats of the same thing in .*-study-both"):
        read(study, "spin-on-0", "spin-on-1")


def test_a_study_against_a_run_outside_uses_the_runs_alone(reports: Path) -> None:
    study = study_of(reports, 2)
    pair = read(reports, str(study / "runs" / "spin-on-0"), "spin-off")
    assert pair.study is None
    assert [len(side.measured) for side in pair.sides] == [1, 1]
