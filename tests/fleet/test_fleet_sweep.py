"""A study over machines that come, go and fail: nothing lost, nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from profiler import files
from profiler.cli.main import app
from profiler.errors import InterruptedRunError, UsageError
from profiler.fleet.cluster.messages import Description, ModelFile, TaskOutcome
from profiler.fleet.fleet_record import (
    create_fleet,
    find_fleet,
    find_same_fleet,
    read_fleet,
    studies_of,
)
from profiler.fleet.fleet_sweep import Models, prepare_models
from profiler.fleet.publish import Published, publish
from profiler.fleet.store import open_store
from profiler.models.model_cache import PreparedModel
from profiler.run.directory import RunDirectory
from profiler.spec.study_file import make_study
from profiler.study import study_record
from profiler.study.results import read_results
from profiler.study.study_record import State
from tests.execute.worlds import Watching
from tests.fleet.conftest import run_ids
from tests.fleet.made_cluster import LARGE, REPEATS, RUNS, SMALL, Cluster, World, described

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class KilledError(BaseException):
    """Stands for SIGKILL of the client."""


@pytest.fixture
def world(reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("profiler.fleet.fleet_sweep.POLL_SECONDS", 0.01)
    model = tmp_path / "tiny.onnx"
    files.write(model, b"a model")
    prepared = PreparedModel(model, "tiny", "synthetic", None)
    models = Models(
        {"tiny": prepared}, {"tiny": ModelFile(hashlib.sha256(b"a model").hexdigest(), "tiny.onnx")}
    )
    run = RunDirectory(reports / run_ids(reports)[0])
    cluster = Cluster(run, {"a": described(SMALL), "b": described(LARGE), "c": described(LARGE)})
    return World(tmp_path / "fleets", cluster, models)


def test_each_machine_type_has_the_whole_study(world: World) -> None:
    monitor = Watching()
    directory = world.sweep(monitor=monitor)
    world.check(directory, SMALL, LARGE)
    assert len(monitor.begun) == 2 * RUNS
    assert any(what.startswith("Small, 2 CPUs, Linux 6.1, cgroup v2: spin-o") for what in monitor.begun)
    orders = [
        [run.cell for run in study_record.read_record(study).schedule] for _, study in studies_of(directory)
    ]
    assert all(sorted(order) == [0, 0, 1, 1] for order in orders)
    for _, study in studies_of(directory):
        assert [len(cell.measured) for cell in read_results(study.path).cells] == [REPEATS, REPEATS]


@pytest.mark.parametrize("at", range(1, 34, 2))
def test_a_client_that_is_killed_goes_on(world: World, at: int) -> None:
    def die(_: Cluster) -> None:
        raise KilledError

    world.cluster.happens[at] = die
    with pytest.raises(KilledError):
        world.sweep()
    world.cluster.ended.clear()
    world.check(world.sweep(), SMALL, LARGE)


@pytest.mark.parametrize("at", range(2, 33, 3))
def test_a_worker_that_dies_and_comes_back_repeats_nothing(world: World, at: int) -> None:
    gone: dict[str, Description] = {}

    def die(cluster: Cluster) -> None:
        gone["d"] = cluster.workers.pop("a")
        cluster.happens[cluster.steps + 5] = lambda again: again.workers.update(gone)

    world.cluster.happens[at] = die
    world.check(world.sweep(), SMALL, LARGE)


def test_one_of_several_that_dies_for_good_is_stood_in_for(world: World) -> None:
    def die(cluster: Cluster) -> None:
        del cluster.workers["b"]

    world.cluster.happens[6] = die
    directory = world.sweep()
    for _, study in studies_of(directory):
        assert {run.state for run in study_record.read_record(study).schedule} == {State.DONE}


def test_ctrl_c_says_how_to_go_on(world: World) -> None:
    def interrupt(_: Cluster) -> None:
        raise KeyboardInterrupt

    world.cluster.happens[12] = interrupt
    with pytest.raises(InterruptedRunError, match="what is done is kept") as raised:
        world.sweep()
    assert "goes on" in (raised.value.hint or "")
    world.cluster.ended.clear()
    world.check(world.sweep(), SMALL, LARGE)


def test_a_finished_study_asks_for_nothing(world: World) -> None:
    directory = world.sweep()
    made = sum(world.cluster.made.values())
    assert world.sweep() == directory
    assert sum(world.cluster.made.values()) == made
    assert find_fleet(directory.fleet_id[:20], world.reports) == directory


def test_a_machine_type_that_joins_later_gets_its_study(world: World) -> None:
    del world.cluster.workers["a"]
    directory = world.sweep()
    world.cluster.workers["a"] = described(SMALL)
    assert world.sweep() == directory
    world.check(directory, LARGE, SMALL)


def test_only_chosen_machine_types_are_measured(world: World) -> None:
    world.check(world.sweep("small"), SMALL)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ortprof": "0.0.1"}, "a is left out: it has ortprof 0.0.1, not "),
        ({"ort": ""}, "a is left out: it has no ONNX Runtime"),
    ],
)
def test_an_unfit_worker_is_left_out_with_a_line(world: World, changes: dict[str, str], why: str) -> None:
    world.cluster.workers["a"] = described(SMALL, **changes)
    monitor = Watching()
    world.check(world.sweep(monitor=monitor), LARGE)
    assert len([warning for warning in monitor.warnings if warning.startswith(why)]) == 1


def test_a_worker_with_another_onnx_runtime_than_its_like_is_left_out(world: World) -> None:
    world.cluster.workers["c"] = described(LARGE, ort="1.20.0")
    monitor = Watching()
    world.check(world.sweep(monitor=monitor), SMALL, LARGE)
    assert any("c is left out: it has ONNX Runtime 1.20.0, not 1.31.1" in what for what in monitor.warnings)


def test_a_worker_that_is_not_tuned_is_told(world: World) -> None:
    world.cluster.workers["a"] = described(SMALL, tuned=False)
    monitor = Watching()
    world.sweep(monitor=monitor)
    assert any(warning.startswith("a was not started by `ortprof worker`") for warning in monitor.warnings)


def test_a_run_that_fails_is_passed_over_and_tried_again_when_asked(world: World) -> None:
    world.cluster.fails = lambda task: "no such luck" if task.configuration.name == "spin-on" else ""
    directory = world.sweep()
    for _, study in studies_of(directory):
        record = study_record.read_record(study)
        assert Counter(run.state for run in record.schedule) == {State.DONE: 2, State.FAILED: 2}
        assert {run.why for run in record.schedule if run.state is State.FAILED} == {"no such luck"}
    assert not world.cluster.kept
    world.cluster.fails = lambda _: ""
    world.cluster.made.clear()
    assert world.sweep(retry_failed=True) == directory
    assert sum(world.cluster.made.values()) == RUNS
    for _, study in studies_of(directory):
        assert {run.state for run in study_record.read_record(study).schedule} == {State.DONE}


def test_a_pack_that_arrives_damaged_is_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def check(self: TaskOutcome) -> None:
        seen.append(self.sha256)
        if len(seen) == 1:
            raise UsageError("the run arrived damaged: its checksum is another")

    monkeypatch.setattr(TaskOutcome, "check", check)
    monitor = Watching()
    world.check(world.sweep(monitor=monitor), SMALL, LARGE)
    assert len(seen) == 2 * RUNS + 1
    assert any("arrived damaged" in warning for warning in monitor.warnings)


def test_models_are_known_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "my model.onnx"
    path.write_bytes(b"content")
    study = make_study("test", {"name": "x", "configs": ["spin-on"], "models": [str(path)]})
    models = prepare_models(study)
    assert models.files == {"my model": ModelFile(hashlib.sha256(b"content").hexdigest(), "my_model.onnx")}
    fleet = create_fleet(tmp_path / "reports", study, models.checksums)
    assert find_same_fleet(tmp_path / "reports", study, models.checksums) == fleet
    assert find_same_fleet(tmp_path / "reports", study, {"my model": "0" * 64}) is None
    assert read_fleet(fleet).machines == []


def test_advise_runs_a_study_on_a_cluster_first(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def engine(address: str, _warn: Callable[[str], None]) -> Cluster:
        asked.append(address)
        return world.cluster

    monkeypatch.setattr("profiler.fleet.cluster.dask_engine.DaskEngine", engine)
    monkeypatch.setattr("profiler.fleet.fleet_sweep.prepare_models", lambda *_: world.models)
    study = tmp_path / "mine.toml"
    study.write_text('configs = ["spin-on", "spin-off"]\nmodels = ["tiny"]\nrepeat = 2\n')
    cluster = ("--cluster", "tcp://scheduler:8786", "--p95-ms", "5000", "--json")
    reports = ("--reports", str(world.reports))
    for _ in range(2):
        advised = CliRunner().invoke(app, ["advise", str(study), *cluster, *reports])
        assert advised.exit_code == 0, advised.output
        assert set(json.loads(advised.stdout)["best"]) == {SMALL.name, LARGE.name}
    assert asked == ["tcp://scheduler:8786"] * 2
    assert sum(world.cluster.made.values()) == 2 * RUNS, "the second time it is only read"
    for wrong in (cluster, (str(study), *cluster, "--store", "x"), (str(study), *cluster, "--repeat", "3")):
        assert isinstance(CliRunner().invoke(app, ["advise", *wrong, *reports]).exception, UsageError)


def test_a_finished_fleet_is_shown_priced_advised_and_published(world: World, tmp_path: Path) -> None:
    directory = world.sweep()
    reports = ("--reports", str(world.reports))
    shown = CliRunner().invoke(app, ["show", directory.fleet_id, "--price", "small=0.2", *reports])
    assert shown.exit_code == 0, shown.output
    assert "Small, 2 CPUs, Linux 6.1, cgroup v2" in shown.stdout
    assert "cost of 1,000,000" in shown.stdout
    assert "Large" in directory.page.read_text()

    store = str(tmp_path / "store")
    assert publish(open_store(store), [directory], Watching()) == Published(written=1, left_out=0)
    assert publish(open_store(store), [directory], Watching()) == Published(written=0, left_out=0)
    elsewhere = ("--store", store, "--reports", str(tmp_path / "elsewhere"))
    advised = CliRunner().invoke(
        app, ["advise", directory.fleet_id, "--p95-ms", "5000", "--json", *elsewhere]
    )
    assert advised.exit_code == 0, advised.output
    document = json.loads(advised.stdout)
    assert document["schema"] == "ortprof.fleet-advice/1"
    assert set(document["best"]) == {SMALL.name, LARGE.name}
    assert document["common"] in {"spin-on", "spin-off"}
    assert "SessionOptions" in document["settings"]["Python"]
    assert (tmp_path / "elsewhere" / directory.fleet_id / "fleet.json").is_file()
    asked = CliRunner().invoke(app, ["query", "SELECT count(*) FROM cells", "--store", store, "--json"])
    assert json.loads(asked.stdout)["rows"] == [[4]]

    never = CliRunner().invoke(app, ["advise", directory.fleet_id, "--p95-ms", "0.001", *reports])
    assert never.exit_code == 1
    assert "Nothing surely meets" in never.stdout


@pytest.mark.parametrize("price", ["large", "=1", "large=much", "large=-1", "large=nan", "nobody=1"])
def test_a_price_that_says_nothing_is_refused(world: World, price: str) -> None:
    directory = world.sweep()
    with pytest.raises(UsageError, match="--price"):
        CliRunner().invoke(
            app,
            ["show", directory.fleet_id, "--price", price, "--reports", str(world.reports)],
            catch_exceptions=False,
        )
