"""Names on the command line, resolved to copies of a real run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from profiler import files
from profiler.attribution.analyse import analyse
from profiler.errors import UsageError
from profiler.run.attached import Attached, Target
from profiler.run.cpu_budget import Cpus
from profiler.run.directory import RunDirectory
from profiler.run.records import read_recorded
from profiler.run.summary import to_document
from profiler.spec.study import Study
from profiler.study.check.named import Named, resolve
from profiler.study.check.subjects import subjects
from profiler.study.study_record import (
    ScheduledRun,
    State,
    StudyCell,
    StudyDirectory,
    new_record,
    write_record,
)

if TYPE_CHECKING:
    from profiler.study.check.judge import JudgedSide


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


def copy(run: RunDirectory, to: Path, **changes: Any) -> RunDirectory:
    """Copy a run; `changes` go into its manifest, `a__b` for key b of a."""
    made = RunDirectory(Path(shutil.copytree(run.path, to)))
    manifest = files.read_json(made.manifest)
    manifest["run_id"] = to.name
    for key, value in changes.items():
        *outer, last = key.split("__")
        table = manifest
        for name in outer:
            table = table[name]
        table[last] = value
    files.write_json(made.manifest, manifest)
    return made


def sides(now: list[str], baseline: list[str], reports: Path) -> tuple[JudgedSide, ...]:
    return subjects(now, baseline, reports).sides


def names(found: Named) -> list[str]:
    return [run.path.name for run in found.runs]


def test_a_run_a_folder_and_a_pattern(
    run: RunDirectory, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a-1", "a-2", "b-1"):
        copy(run, reports / name)
    (reports / "index.html").write_text("")
    (reports / ".partial-a-3").mkdir()
    assert names(resolve("a-1", reports)) == ["a-1"]
    assert names(resolve("spin-on", reports)) == ["b-1"]
    assert names(resolve(str(reports), reports)) == ["a-1", "a-2", "b-1"]
    assert names(resolve("a-*", reports)) == ["a-1", "a-2"]
    assert names(resolve(f"{reports}/*-1", reports / "elsewhere")) == ["a-1", "b-1"]
    monkeypatch.chdir(reports.parent)
    assert names(resolve("reports/a-?", Path("none"))) == ["a-1", "a-2"]
    assert names(resolve("reports/*", Path("none"))) == ["a-1", "a-2", "b-1"]


@pytest.mark.parametrize("name", ["nothing", "x*", "/nowhere/*", "**x**", "a\0b", "[", "~"])
def test_names_that_lead_nowhere_are_usage_errors(name: str, run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "a-1")
    with pytest.raises(UsageError):
        resolve(name, reports)


@pytest.mark.parametrize("name", ["a*", "a[b]", "{{7*7}}", "what?"])
def test_a_run_may_be_called_as_patterns_are(name: str, run: RunDirectory, reports: Path) -> None:
    copy(run, reports / name)
    for given in (name, str(reports / name)):
        assert names(resolve(given, reports)) == [name]
    assert names(resolve("*", reports)) == [name]


def test_runs_of_the_same_are_repeats_and_compared_with_the_same(run: RunDirectory, reports: Path) -> None:
    for number in (1, 2):
        copy(run, reports / f"on-{number}")
        copy(run, reports / f"off-{number}", configuration__name="spin-off")
        copy(run, reports / f"old-on-{number}")
    found = sides(["on-*", "off-*"], ["old-on-*"], reports)
    assert [each.name.partition(" ")[0].partition("+")[0] for each in found] == ["spin-on", "spin-off"]
    assert [(len(each.now), len(each.before)) for each in found] == [(2, 2), (2, 0)]
    assert [run.run_id for run in found[0].now] == ["on-1", "on-2"]
    both = sides(["on-*", "off-*", "on-1"], [], reports)
    assert [len(each.now) for each in both] == [2, 2]  # named twice, taken once


def test_a_repeat_without_a_profile_or_with_another_scope_is_one(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "profiled")
    copy(run, reports / "measured", perf=None)
    copy(run, reports / "elsewhere", perf__scope="cpus")
    (subject,) = sides([str(reports)], [], reports)
    assert [one.run_id for one in subject.now] == ["elsewhere", "measured", "profiled"]
    assert "(" not in subject.name


def test_what_has_vanished_since_the_baseline_is_a_subject_too(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "on-1")
    copy(run, reports / "old-on-1")
    copy(run, reports / "old-off-1", configuration__name="spin-off")
    found = sides(["on-1"], ["old-*"], reports)
    assert sorted((len(each.now), len(each.before)) for each in found) == [(0, 1), (1, 1)]


def test_one_thing_on_each_side_is_compared_whatever_it_is(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "on-1")
    copy(run, reports / "off-1", configuration__name="spin-off", ort__version="1.99", host__cpu="another")
    [found] = sides(["off-1"], ["on-1"], reports)
    assert (len(found.now), len(found.before)) == (1, 1)
    notes = " ".join(found.notes)
    assert "ONNX Runtime differs: 1." in notes
    assert ", now 1.99. The versions of ONNX Runtime differ" in notes
    assert ", now another." in notes
    copy(run, reports / "on-2")
    assert not sides(["on-2"], ["on-1"], reports)[0].notes
    copy(run, reports / "other-1", workload__model="other")
    [other] = sides(["other-1"], ["on-1"], reports)
    assert other.notes == ("Model differs: minilm, now other.",)


def test_a_run_is_not_held_against_itself(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "on-1")
    copy(run, reports / "on-2")
    for now, before in ((["on-1"], ["on-1"]), (["on-*"], ["on-2"]), ([str(reports / "on-2")], ["on-*"])):
        with pytest.raises(UsageError, match=r"is checked and is its own baseline$"):
            sides(now, before, reports)


def test_runs_of_other_builds_are_no_repeats(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "on-1")
    copy(run, reports / "on-2", ort__version="1.99")
    assert [(len(one.now), one.name.partition(" (")[2]) for one in sides(["on-*"], [], reports)] == [
        (1, "ONNX Runtime: 1.32.0)"),
        (1, "ONNX Runtime: 1.99)"),
    ]


CPUS = Cpus(allowed=[0, 1], threads=2)
SHOP = {
    "attached": msgspec.to_builtins(
        Attached("shop", True, [Target(pid=7, parent=1, command="shop", threads=2, cpus=CPUS)])
    ),
    "workload": None,
    "configuration": None,
}
"""What the manifest of a service of somebody's own has."""


def test_a_service_of_one_s_own_that_was_measured_is_checked_by_its_name(
    run: RunDirectory, reports: Path
) -> None:
    for name in ("1", "2"):
        copy(run, reports / name, **SHOP)
    (subject,) = sides(["1", "2"], [], reports)
    assert (subject.name, len(subject.now)) == ("shop", 2)
    phases = [phase for phase in files.read_json(run.manifest)["phases"] if phase["name"] != "measure"]
    copy(run, reports / "3", phases=phases, **SHOP)
    with pytest.raises(UsageError, match="3 was watched under perf alone"):
        sides(["3"], [], reports)


def test_runs_whose_pools_differ_are_no_repeats_and_are_matched_with_their_like(
    run: RunDirectory, reports: Path
) -> None:
    for name in ("on-1", "on-2", "base-1"):
        copy(run, reports / name)
    for name in ("on-3", "base-2"):
        copy(run, reports / name, process__pool_tids=[7, 8, 9])
    default, other = sides(["on-*"], ["base-*"], reports)
    assert [len(side) for side in (default.now, default.before, other.now, other.before)] == [2, 1, 1, 1]
    assert other.name.endswith("(Pools: 3 intra-op workers)")


def test_another_pool_than_the_baselines_is_said_by_name(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "now")
    copy(run, reports / "before", process__pool_tids=[7, 8, 9])
    (subject,) = sides(["now"], ["before"], reports)
    (note,) = subject.notes
    assert note.startswith(
        "Pools differs: 3 intra-op workers, now 1 intra-op worker. The same settings made other pools"
    )


def test_the_share_of_spinning_is_that_of_the_profiled_runs(run: RunDirectory, reports: Path) -> None:
    one = copy(run, reports / "on-1")
    copy(run, reports / "on-2")
    assert sides(["on-*"], [], reports)[0].spin is None
    summary = analyse(one).summary
    files.write_json(one.summary, to_document(summary))
    spin = sides(["on-*"], [], reports)[0].spin
    assert spin is not None
    assert spin.share == pytest.approx(summary.spin_share)
    assert spin.samples == summary.samples


def test_an_interrupted_run_is_no_measurement(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "on-1", complete=False)
    with pytest.raises(UsageError, match="on-1 was interrupted"):
        sides(["on-1"], [], reports)


@pytest.mark.parametrize("name", ["", "o*"])
def test_of_a_folder_and_a_pattern_what_can_not_be_checked_is_left_out(
    name: str, run: RunDirectory, reports: Path
) -> None:
    copy(run, reports / "on-1")
    copy(run, reports / "on-2", complete=False)
    copy(run, reports / "on-3").counters.write_text("[]")
    found = subjects([name or str(reports)], [], reports)
    assert [[measured.run_id for measured in side.now] for side in found.sides] == [["on-1"]]
    assert [left.name for left in found.left_out] == ["on-2", "on-3"]
    assert "was interrupted" in found.left_out[0].why
    assert "counters.json is not what" in found.left_out[1].why
    with pytest.raises(UsageError, match="on-2 was interrupted"):
        subjects([name or str(reports), "on-2"], [], reports)
    assert subjects(["on-1"], [], reports).left_out == ()


def test_where_nothing_is_left_it_is_an_error_with_a_reason(run: RunDirectory, reports: Path) -> None:
    for number in range(3):
        copy(run, reports / f"on-{number}", complete=False)
    with pytest.raises(
        UsageError, match=r"nothing that was named .*on-0 was interrupted.*\(and 2 more\)"
    ) as got:
        subjects(["on-*"], [], reports)
    assert got.value.hint == "record it again"


def test_a_fleet_is_the_runs_of_its_studies(run: RunDirectory, reports: Path) -> None:
    fleet = reports / "20260101T000000Z-fleet-nightly"
    fleet.mkdir()
    (fleet / "fleet.json").write_text("{}")
    with pytest.raises(UsageError, match="fleet-nightly holds no study"):
        resolve(fleet.name, reports)
    for machine in ("large", "small"):
        make_study(run, fleet, State.DONE).rename(fleet / machine)
    for name in (fleet.name, str(fleet), "20260101", "*-fleet-*"):
        assert names(resolve(name, reports)) == ["one", "two"] * 2


def test_damage_is_named(run: RunDirectory, reports: Path) -> None:
    copy(run, reports / "on-1").counters.write_text("[]")
    with pytest.raises(UsageError, match=r"counters\.json is not what ortprof writes"):
        sides(["on-1"], [], reports)


def make_study(run: RunDirectory, reports: Path, state: State) -> Path:
    """Write a study of one cell with one run that is done, and one in a state."""
    manifest = read_recorded(run).manifest
    assert manifest.configuration is not None
    assert manifest.workload is not None
    cell = StudyCell(configuration=manifest.configuration, workload=manifest.workload)
    schedule = [
        ScheduledRun(cell=0, round=0, state=State.DONE, run_id="one"),
        ScheduledRun(cell=0, round=1, state=state, run_id="two", why="it broke"),
    ]
    path = reports / "20260101T000000Z-study-nightly"
    directory = StudyDirectory(path)
    directory.runs_folder.mkdir(parents=True)
    for name in ("one", "two"):
        copy(run, directory.runs_folder / name)
    study = Study(name="nightly", configs=("spin-on",))
    record = new_record(study, [cell], schedule, python="python", ort_version="1.31.1")
    write_record(directory, record)
    return path


def test_a_study_is_its_runs_that_were_done(run: RunDirectory, reports: Path) -> None:
    path = make_study(run, reports, State.DONE)
    for name in (path.name, str(path), "nightly", "*-study-*", str(path / "runs")):
        assert names(resolve(name, reports)) == ["one", "two"]


def test_a_study_that_goes_on_is_left_out_of_a_pattern(run: RunDirectory, reports: Path) -> None:
    make_study(run, reports, State.PLANNED)
    copy(run, reports / "2026-1")
    found = resolve("2026*", reports)
    assert names(found) == ["2026-1"]
    assert [left.why for left in found.left_out] == [
        "the study 20260101T000000Z-study-nightly is not complete"
    ]


def test_a_study_that_goes_on_is_not_checked(run: RunDirectory, reports: Path) -> None:
    make_study(run, reports, State.PLANNED)
    with pytest.raises(UsageError, match="study-nightly is not complete") as caught:
        resolve("nightly", reports)
    assert "ortprof sweep 20260101T000000Z-study-nightly" in str(caught.value.hint)


def test_a_study_whose_runs_failed_is_no_measurement(run: RunDirectory, reports: Path) -> None:
    make_study(run, reports, State.FAILED)
    with pytest.raises(UsageError, match=r"runs of the study .*-nightly failed: it broke") as caught:
        resolve("nightly", reports)
    assert "--retry-failed" in str(caught.value.hint)
