"""`ortprof sweep` for real: killed and gone on with, failures passed over, bad input refused."""

from __future__ import annotations

import json
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from profiler.run import runs
from profiler.run.directory import PARTIAL
from profiler.study.study_record import State, StudyDirectory, read_record
from tests.e2e.program import finish, run, start, wait_for
from tests.until import wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

SHORT = (
    *("sweep", "--configs", "spin-off,single-thread", "--models", "tiny", "--rates", "50", "--repeat", "2"),
    *("--warmup", "0", "--measure", "0.5", "--profile", "0.3"),
)
RUNS = 4


def only_study(reports: Path) -> StudyDirectory:
    (path,) = runs.list_studies(reports)
    return StudyDirectory(path)


def wait_until_running(child: Any, reports: Path, number: int) -> StudyDirectory:
    """Wait until a study's run of this number is under way; return the study."""
    wait_for(child, f"run {number} of {RUNS}")
    study = only_study(reports)
    wait_until(lambda: any(study.runs_folder.glob(f"{PARTIAL}*-{number:03}")), 60)
    return study


def test_a_killed_sweep_goes_on_and_runs_nothing_twice(tmp_path: Path) -> None:
    child = start(*SHORT, reports=tmp_path)
    study = wait_until_running(child, tmp_path, 3)
    child.kill()
    child.communicate(timeout=60)
    before = read_record(study)
    done = [run.run_id for run in before.schedule if run.state is State.DONE]
    assert len(done) == 2
    written = {run_id: (study.runs_folder / run_id / "run.json").stat().st_mtime_ns for run_id in done}

    resumed = run(*SHORT, "--json", reports=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert f"going on with {study.study_id}: 2 of 4 runs are left" in resumed.stderr
    after = read_record(only_study(tmp_path))
    assert after.complete
    assert [run.run_id for run in after.schedule][:2] == done
    for run_id, at in written.items():
        assert (study.runs_folder / run_id / "run.json").stat().st_mtime_ns == at
    found = sorted(path.name for path in study.runs_folder.iterdir() if path.is_dir())
    assert found == sorted(run.run_id for run in after.schedule)
    assert Counter((run.cell, run.round) for run in after.schedule) == {
        (cell, number): 1 for cell in (0, 1) for number in (0, 1)
    }
    document = json.loads(resumed.stdout)
    assert document["complete"]
    assert [cell["repeats"] for cell in document["cells"]] == [2, 2]
    for cell in document["cells"]:
        assert cell["cpu_ms_per_request"]["value"] > 0
        assert (study.runs_folder / cell["profiled"] / "report.html").exists()
        assert cell["spin_share"] is not None
    assert not list(study.runs_folder.glob("*/perf.data"))
    assert study.page.exists()

    again = run("sweep", study.study_id, reports=tmp_path)
    assert again.returncode == 0
    assert "run " not in again.stderr.replace("runs ", "")
    assert "tiny, no limit, 50 requests/s" in again.stdout


def test_ctrl_c_ends_a_sweep_that_can_be_gone_on_with(tmp_path: Path) -> None:
    child = start(*SHORT, "--measure", "30", reports=tmp_path)
    study = wait_until_running(child, tmp_path, 1)
    child.send_signal(signal.SIGINT)
    code, out, err = finish(child)
    assert (code, out) == (130, "")
    assert "interrupted after 0 of 4 runs" in err
    assert f"`ortprof sweep {study.path}` goes on from there" in err
    assert {run.state for run in read_record(study).schedule} == {State.PLANNED}
    assert [path for path in study.runs_folder.iterdir() if path.is_dir()] == []
    assert "Unfinished: 4 of 4 runs are left." in study.page.read_text()


def test_a_cell_that_fails_is_passed_over_and_one_too_new_left_out(tmp_path: Path) -> None:
    definition = tmp_path / "mine.toml"
    definition.write_text(
        """
        configs = ["single-thread", "broken", "future"]
        models = ["tiny"]
        rates = [50]
        repeat = 1
        warmup_seconds = 0
        measure_seconds = 0.3
        profile_seconds = 0
        [configurations.broken]
        threads = 3
        entries = { "session.intra_op_thread_affinities" = "nonsense" }
        [configurations.future]
        entries = { "session.from_the_future" = "1" }
        """
    )
    (tmp_path / "ortprof.toml").write_text(
        '[settings."session.from_the_future"]\nsince = "99.0"\nmeaning = "later"\n'
    )
    done = run(
        "sweep", str(definition), "--json", reports=tmp_path / "r", wrapper=("env", "-C", str(tmp_path))
    )
    assert done.returncode == 4
    assert "1 of 3 runs failed" in done.stderr
    assert "--retry-failed` tries them again" in done.stderr
    assert "Traceback" not in done.stderr
    good, broken, future = json.loads(done.stdout)["cells"]
    assert (good["repeats"], broken["repeats"], future["repeats"]) == (1, 0, 0)
    assert "nonsense" in broken["failures"][0]
    assert "99.0" in future["failures"][0]
    assert future["refused"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "there is no study to run"),
        (("artikel",), 2, "there is no study 'artikel'"),
        (("gone.toml",), 2, "gone.toml can't be read"),
        (("--configs", "spin-of"), 2, "configs: there is no session configuration 'spin-of'"),
        (("--configs", "spin-on", "--models", "tinny"), 2, "models[0]: no model is called 'tinny'"),
        (("--configs", "spin-on", "--rates", "1,fast"), 2, "--rates fast: a number from 0.000001 to 1000000"),
        (("--configs", "spin-on", "--rates", "0"), 2, "--rates 0: a number from 0.000001 to 1000000"),
        (
            ("--configs", "spin-on", "--arrivals", "bursts"),
            2,
            "--arrivals bursts: one of fixed, poisson",
        ),
        (
            ("--configs", "spin-on", "--cpu-limits", "0.001"),
            2,
            "cpu_limits: --cpu-limit 0.001 is 0.1 ms in each 100 ms",
        ),
        (("--configs", "spin-on", "--repeat", "0"), 2, "--repeat 0: a whole number from 1 to 1000"),
        (("--configs", ","), 2, "--configs ',': nothing in the list"),
        (("--configs", "spin-on", "--python", "/nowhere/python"), 2, "--python /nowhere/python: no such"),
    ],
)
def test_an_impossible_study_is_refused_before_it_starts(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = run("sweep", *arguments, reports=tmp_path / "r")
    assert done.returncode == code
    assert done.stderr.startswith(f"ortprof: error: {message}")
    assert done.stdout == ""
    assert not (tmp_path / "r").exists()


def test_a_dry_run_says_what_it_would_take_and_leaves_nothing(tmp_path: Path) -> None:
    done = run(*SHORT, "--dry-run", "--json", reports=tmp_path / "r")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["schema"] == "ortprof.study-plan/1"
    assert len(plan["schedule"]) == RUNS
    assert plan["estimated_seconds"] > RUNS * 0.5
    assert not (tmp_path / "r").exists()
    listed = run("sweep", "--list", reports=tmp_path / "r")
    assert "spin-tuning" in listed.stdout


def test_a_dry_run_builds_no_model(tmp_path: Path) -> None:
    done = run(
        *("sweep", "--configs", "spin-off", "--models", "tiny", "--dry-run"),
        reports=tmp_path / "r",
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert done.returncode == 0, done.stderr
    assert "spin-off on tiny" in done.stdout
    assert not list(tmp_path.rglob("*.onnx"))


def test_a_finished_sweep_is_shown_and_not_run_again(tmp_path: Path) -> None:
    line = ("sweep", "--configs", "single-thread", "--models", "tiny", "--rates", "50", "--repeat", "1")
    short = (*line, "--warmup", "0", "--measure", "0.3", "--profile", "0")
    assert run(*short, reports=tmp_path).returncode == 0
    study = only_study(tmp_path)
    again = run(*short, reports=tmp_path)
    assert again.returncode == 0
    assert f"{study.study_id} is complete: nothing is left to run; --fresh runs it anew" in again.stderr
    assert "single-thread" in again.stdout
    assert only_study(tmp_path) == study
    assert run(*short, "--fresh", reports=tmp_path).returncode == 0
    assert len(runs.list_studies(tmp_path)) == 2


def test_merged_shards_are_the_study_that_one_machine_would_have_run(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    assert run(*SHORT, reports=whole).returncode == 0
    shards = []
    for part in ("1/2", "2/2"):
        done = run(*SHORT, "--shard", part, reports=tmp_path / part.replace("/", "of"))
        assert done.returncode == 0, done.stderr
        assert f"sweep, shard {part}: 2 cells, 2 runs" in done.stderr
        shards.append(only_study(tmp_path / part.replace("/", "of")))
    merged = run("merge", *(str(shard.path) for shard in shards), "--json", reports=tmp_path / "merged")
    assert merged.returncode == 0, merged.stderr
    one, other = (only_study(tmp_path / name) for name in ("whole", "merged"))
    assert schedule_of(one) == schedule_of(other)
    shown = json.loads(merged.stdout)
    assert (shown["complete"], shown["failed"]) == (True, 0)
    assert [cell["configuration"] for cell in shown["cells"]] == ["spin-off", "single-thread"]


def schedule_of(study: StudyDirectory) -> list[tuple[int, int, State, bool]]:
    return [(run.cell, run.round, run.state, run.profiled) for run in read_record(study).schedule]
