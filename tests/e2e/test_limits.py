"""A CPU limit on the real model, the real runtime and this machine's own cgroups. Compared by ratios."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from profiler.attribution.throttled import stopped_inside
from profiler.errors import MachineError
from profiler.record.limit import cgroup, hierarchy
from profiler.record.limit.confinement import confine
from profiler.record.owner import owner_of
from profiler.run.directory import RunDirectory
from profiler.run.json_document import decode
from profiler.run.phase_counters import PhaseCounters
from profiler.run.request import decode_requests
from profiler.spec.limit import Limit
from tests.e2e.program import ENDLESS, finish, profiling, run, start, wait_for

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.arrays import Floats

pytestmark = pytest.mark.timeout(900)
CONFIGURATIONS = ("spin-on", "spin-off", "single-thread")
ROUNDS = 2
SECONDS_TO_END = 30


def our_cgroups() -> set[Path]:
    """Return all cgroups that an ortprof made, whoever runs it."""
    return {folder for parent in cgroup.parents(hierarchy.find()) for folder in parent.glob("ortprof-*")}


def cgroup_of(child: subprocess.Popen[str]) -> Path:
    """Return the cgroup of a recording that goes on."""
    owner = owner_of(child.pid)
    assert owner is not None
    (found,) = (folder for folder in our_cgroups() if folder.name == owner.name)
    return found


def prefer(folder: Path) -> None:
    """Give a cgroup all the weight there is, lest the machine's other programs decide who is late."""
    if (folder / "cpu.weight").exists():
        (folder / "cpu.weight").write_text("10000")
    else:
        (folder / "cpu.shares").write_text("262144")


@pytest.fixture(scope="module", autouse=True)
def _limits_can_be_set() -> None:
    try:
        with confine(Limit(cpus=1)) as confinement:
            if confinement.scope:
                pytest.skip("limits are systemd's here; these tests look at cgroups of ours")
    except MachineError as error:
        pytest.skip(error.message)


@dataclass
class Pooled:
    """The measured requests of a configuration's rounds."""

    latency_ms: Floats
    stopped_ms: Floats
    summaries: list[dict[str, Any]]

    @property
    def throttled_share(self) -> float:
        """Throttled periods, of all."""
        figures = [summary["measured"]["throttled"] for summary in self.summaries]
        throttled: int = sum(figure["throttled_periods"] for figure in figures)
        periods: int = sum(figure["periods"] for figure in figures)
        return throttled / periods


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limited")


@pytest.fixture(scope="module")
def pooled(reports: Path) -> dict[str, Pooled]:
    """Record each configuration `ROUNDS` times: a round's side by side, for each has a tenth of a CPU."""
    summaries: dict[str, list[dict[str, Any]]] = {name: [] for name in CONFIGURATIONS}
    for _ in range(ROUNDS):
        recording = {name: limited_recording(name, reports) for name in CONFIGURATIONS}
        for child in recording.values():
            wait_for(child, "warmup:")
            prefer(cgroup_of(child))
        for name, child in recording.items():
            out, err = child.communicate()
            assert child.returncode == 0, err
            summaries[name].append(json.loads(out))
    return {name: pool(reports, found) for name, found in summaries.items()}


def limited_recording(name: str, reports: Path) -> subprocess.Popen[str]:
    """Start one; as many threads as a small server has cores: with two, the quota is at times just enough."""
    threads = () if name == "single-thread" else ("--threads", "4")
    return start(
        *("record", "--config", name, *threads, "--cpu-limit", "0.1", "--warmup", "1"),
        *("--measure", "12", "--profile", "4", "--json"),
        reports=reports,
    )


def pool(reports: Path, summaries: list[dict[str, Any]]) -> Pooled:
    latencies, stopped = [], []
    for summary in summaries:
        found = RunDirectory(reports / summary["run_id"])
        counters = decode(found.counters.read_bytes(), dict[str, PhaseCounters], "")["measure"]
        log = decode_requests(found.requests.read_bytes(), "")
        requests = [request for request in log if request.phase == "measure"]
        latencies += [request.latency_ns / 1e6 for request in requests]
        stopped += list(stopped_inside(counters.throttling.stretches, requests) / 1e6)
    return Pooled(np.array(latencies), np.array(stopped), summaries)


def test_spinning_under_a_quota_costs_five_times_the_p95_of_a_single_thread(
    pooled: dict[str, Pooled],
) -> None:
    p95 = {name: np.percentile(pooled[name].latency_ms, 95) for name in CONFIGURATIONS}
    assert p95["spin-on"] >= 5 * p95["single-thread"]
    assert p95["spin-on"] > p95["spin-off"]


def test_spinning_is_throttled_and_a_single_thread_hardly(pooled: dict[str, Pooled]) -> None:
    assert pooled["spin-on"].throttled_share > 1 / 3
    assert pooled["spin-on"].throttled_share > 3 * pooled["single-thread"].throttled_share


def test_the_time_stood_still_explains_the_latency_that_spinning_adds(pooled: dict[str, Pooled]) -> None:
    spinning = pooled["spin-on"]
    assert np.all(spinning.stopped_ms <= spinning.latency_ms)
    added = spinning.latency_ms.mean() - pooled["single-thread"].latency_ms.mean()
    assert added / 2 < spinning.stopped_ms.mean() < added * 2


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_we_saw_agrees_with_what_the_kernel_counted(pooled: dict[str, Pooled], name: str) -> None:
    for summary in pooled[name].summaries:
        throttled = summary["measured"]["throttled"]
        cpus = len(summary["cpus"]["allowed"])
        slack_ms = throttled["resolution_ms"] * (throttled["throttled_periods"] + 1)
        # The kernel sums over CPUs: all of them may have stood still, or only one.
        assert throttled["throttled_ms"] / cpus - slack_ms < throttled["stopped_ms"]
        assert throttled["stopped_ms"] <= throttled["throttled_ms"]


def test_requests_time_names_it(pooled: dict[str, Pooled]) -> None:
    for summary in pooled["spin-on"].summaries:
        request, profiled = summary["request"], summary["profiled"]["throttled"]
        own, workers = (request[table]["throttled"] for table in ("by_kind", "meanwhile"))
        slack_ms = 2 * profiled["resolution_ms"]
        # The one by context switches, the other by samples of cpu.stat.
        assert own + workers == pytest.approx(profiled["per_request_ms"]["mean"], rel=0.1, abs=slack_ms)
        calling = summary["waits"]["by_role"]["calling"]["in_request"]["throttled"]
        assert calling / request["requests"] <= own * 1.001  # a late start counts too
        assert sum(request["by_kind"].values()) == pytest.approx(request["wall_ms"]["mean"])


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_limit_holds_and_is_written_down(reports: Path, pooled: dict[str, Pooled], name: str) -> None:
    for summary in pooled[name].summaries:
        assert summary["run_id"].partition(name)[2].partition("-")[2].startswith("0.1cpu")
        assert summary["limit"] == {"cpus": 0.1, "period_us": 100_000, "burst_us": 0}
        assert summary["cpus"]["quota"] == 0.1
        assert summary["measured"]["cpu_percent"] < 12
        manifest = json.loads((reports / summary["run_id"] / "run.json").read_bytes())
        assert manifest["limit"] == summary["limit"]


def test_the_verdict_names_it(reports: Path, pooled: dict[str, Pooled]) -> None:
    done = run("show", pooled["spin-on"].summaries[-1]["run_id"], reports=reports)
    assert "periods throttled" in done.stdout
    assert "of the quota was spent spinning" in done.stdout
    assert "single-thread" in done.stdout


def test_runs_show_the_limit(reports: Path, pooled: dict[str, Pooled]) -> None:
    done = run("runs", "--json", reports=reports)
    assert {row["limit_cpus"] for row in json.loads(done.stdout)} == {0.1}
    assert len(json.loads(done.stdout)) == len(pooled) * ROUNDS


@pytest.fixture
def limited(small_model: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a limited recording that profiles until somebody ends it."""
    options = ("--model", str(small_model), "--threads", "2", "--cpu-limit", "0.1", "--rate", "5")
    with profiling(*options, reports=tmp_path) as child:
        yield child


def test_killing_ortprof_leaves_no_process_and_the_next_run_no_cgroup(
    limited: subprocess.Popen[str], small_model: Path, tmp_path: Path
) -> None:
    children = psutil.Process(limited.pid).children()
    folder = cgroup_of(limited)
    inside = [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]
    assert len(children) == 2, "the workload and perf"
    assert len(inside) == 1, "perf and ortprof stay outside"
    limited.kill()
    limited.wait()
    _, running = psutil.wait_procs(children, timeout=SECONDS_TO_END)
    assert running == []
    assert folder.exists()
    done = run(
        *("record", "--model", str(small_model), "--warmup", "0", "--measure", "0.5", "--profile", "0"),
        reports=tmp_path / "next",
    )
    assert done.returncode == 0, done.stderr
    assert not folder.exists()


@pytest.mark.beside
@pytest.mark.parametrize("interrupts", [1, 2])
def test_ctrl_c_leaves_no_cgroup(limited: subprocess.Popen[str], interrupts: int) -> None:
    folder = cgroup_of(limited)
    for _ in range(interrupts):
        limited.send_signal(signal.SIGINT)
    code, _, _ = finish(limited)
    assert code == 130
    assert not folder.exists()


@pytest.mark.beside
def test_a_workload_that_dies_leaves_no_cgroup(limited: subprocess.Popen[str]) -> None:
    folder = cgroup_of(limited)
    os.kill(int((folder / "cgroup.procs").read_text()), signal.SIGKILL)
    code, _, err = finish(limited)
    assert code == 4
    assert "killed by SIGKILL while running the profile phase" in err
    assert not folder.exists()


@pytest.mark.beside
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("umount --lazy --recursive /sys/fs/cgroup", "no cgroup hierarchy with the cpu controller"),
        (
            'for m in $(findmnt -nro TARGET -t cgroup,cgroup2); do mount -o remount,bind,ro "$m"; done',
            "no perm",
        ),
    ],
)
def test_where_limits_cannot_be_set_the_reason_is_given(
    tmp_path: Path, small_model: Path, change: str, words: str
) -> None:
    done = run(
        *("record", "--model", str(small_model), "--cpu-limit", "0.1"),
        reports=tmp_path,
        wrapper=("unshare", "--mount", "sh", "-c", f'{change}; exec "$0" "$@"'),
    )
    assert done.returncode == 3, done.stderr
    assert words in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.beside
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--cpu-limit", "0"), "--cpu-limit 0"),
        (("--cpu-limit", "nan"), "--cpu-limit nan"),
        (("--cpu-limit", "0.001"), "the kernel takes 1 ms or more"),
        (("--cpu-period", "50"), "--cpu-limit"),
        (("--cpu-limit", "0.1", "--cpu-burst", "50"), "--cpu-burst 50"),
    ],
)
def test_bad_limits(tmp_path: Path, args: tuple[str, ...], words: str) -> None:
    done = run("record", *args, reports=tmp_path)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.beside
def test_a_pool_that_escapes_the_affinity_mask_is_named(tmp_path: Path, small_model: Path) -> None:
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("one CPU leaves nowhere to escape to")
    first = min(os.sched_getaffinity(0))
    done = run(
        *(
            "record",
            "--model",
            str(small_model),
            "--warmup",
            "0",
            "--measure",
            "1",
            "--profile",
            "0",
            "--json",
        ),
        reports=tmp_path,
        wrapper=("taskset", "-c", str(first)),
    )
    assert done.returncode == 0, done.stderr
    cpus = json.loads(done.stdout)["cpus"]
    assert cpus["allowed"] == [first]
    if cpus["threads"] == 1:
        pytest.skip("on one core a default pool has no thread to pin")
    assert len(cpus["escaped"]) == cpus["threads"] - 1


def test_the_cgroup_that_a_sigkill_leaves_is_pruned(small_model: Path, tmp_path: Path) -> None:
    child = start(
        *("record", "--model", str(small_model), "--cpu-limit", "0.5", "--profile", ENDLESS),
        reports=tmp_path,
    )
    wait_for(child, "warmup:")
    ours = cgroup_of(child)
    left = psutil.Process(child.pid).children(recursive=True)
    child.kill()
    child.communicate()
    psutil.wait_procs(left, timeout=SECONDS_TO_END)
    assert ours.exists()
    done = run("runs", "prune", reports=tmp_path)
    assert f"{ours}  cgroup of a run that was killed" in done.stdout
    assert not ours.exists()
