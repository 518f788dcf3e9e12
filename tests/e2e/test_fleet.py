"""A study over two workers with different CPUs, for real: workers, client and scheduler are killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from profiler.fleet.fleet_record import FleetDirectory, list_fleets, studies_of
from profiler.run.manifest import read_manifest
from profiler.study.study_record import State, read_record
from tests.e2e.program import ORTPROF, finish, run, start
from tests.until import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.study.study_record import ScheduledRun

SHORT = (
    *("sweep", "--configs", "spin-off,single-thread", "--models", "tiny", "--rates", "50", "--repeat", "2"),
    *("--warmup", "0", "--measure", "0.5", "--profile", "0.3"),
)
RUNS = 4

pytestmark = [
    pytest.mark.beside,
    pytest.mark.skipif(
        len(os.sched_getaffinity(0)) < 2, reason="two machine types are told apart by their CPUs"
    ),
]


@contextlib.contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have a program while the block runs."""
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    ) as child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()


def scheduler(port: int) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    place = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    return running(sys.executable, "-m", "distributed.cli.dask_scheduler", *place)


def worker(
    address: str, cpus: str, cache: Path
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """A machine of its own: CPUs of its runs, and what it keeps."""
    return running(str(ORTPROF), "worker", address, "--cpus", cpus, XDG_CACHE_HOME=str(cache))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def done(reports: Path) -> dict[str, tuple[int, int]]:
    """Return each finished run with its CPUs and when it was written."""
    return {
        one.run_id: (read_manifest(path := study.run(one).manifest).host.cpus, path.stat().st_mtime_ns)
        for fleet in list_fleets(reports)
        for _, study in studies_of(fleet)
        for one in read_record(study).schedule
        if one.state is State.DONE
    }


def schedule(fleet: FleetDirectory) -> list[ScheduledRun]:
    return [one for _, study in studies_of(fleet) for one in read_record(study).schedule]


def test_nothing_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    reports, port = tmp_path / "reports", free_port()
    address = f"tcp://127.0.0.1:{port}"
    first, second, *_ = ours = sorted(os.sched_getaffinity(0))
    small, large = (str(first), tmp_path / "small"), (f"{first},{second}", tmp_path / "large")
    with contextlib.ExitStack() as machines:
        serving = machines.enter_context(contextlib.ExitStack())
        serving.enter_context(scheduler(port))
        machines.enter_context(worker(address, *large))
        with worker(address, *small) as dies:
            client = start(*SHORT, "--cluster", address, reports=reports)
            # While it measures: its run has a folder of its own then.
            wait_until(lambda: any((tmp_path / "small" / "ortprof" / "fleet").glob(".run-*/.partial-*")), 150)
            dies.kill()
        wait_until(lambda: len(done(reports)) >= 2, 150)
        client.send_signal(signal.SIGKILL)
        client.communicate(timeout=30)
        before = done(reports)

        serving.close()  # the scheduler goes, and what it knew
        serving.enter_context(scheduler(port))
        machines.enter_context(worker(address, *small))
        again = start(*SHORT, "--cluster", address, "--json", reports=reports)
        code, out, err = finish_within(again, 240)
        assert code == 0, err
        (fleet,) = list_fleets(reports)
        assert f"going on with {fleet.fleet_id}" in err
        after = done(reports)
        assert before.items() <= after.items(), "what was finished was not touched"
        assert {one.state for one in schedule(fleet)} == {State.DONE}
        assert Counter(cpus for cpus, _ in after.values()) == {1: RUNS, 2: RUNS}
        for _, study in studies_of(fleet):
            there = sorted(path.name for path in study.runs_folder.iterdir() if path.is_dir())
            assert there == sorted(one.run_id for one in read_record(study).schedule)
        for _, study in studies_of(fleet):
            for one in read_record(study).schedule:
                manifest = read_manifest(study.run(one).manifest)
                assert manifest.cpus is not None
                allowed = manifest.cpus.allowed
                assert allowed in ([first], [first, second])
                # A worker keeps off its runs' CPUs where it has others.
                assert manifest.worker_cpus == ([cpu for cpu in ours if cpu not in allowed] or ours)
        assert f"{fleet.fleet_id}/fleet.html" in (reports / "index.html").read_text("utf-8")
        document = json.loads(out)
        assert sorted(machine["cpus"] for machine in document["machines"]) == [1, 2]
        for machine in document["machines"]:
            assert [cell["repeats"] for cell in machine["study"]["cells"]] == [2, 2]
            assert all(cell["spin_share"] is not None for cell in machine["study"]["cells"])
        for place in ("small", "large"):
            kept = [path.name for path in (tmp_path / place / "ortprof" / "fleet").iterdir()]
            assert sorted(kept) == [".machine", "models"], "workers keep nothing of what was taken"

        shown = run("sweep", fleet.fleet_id, "--cluster", address, reports=reports)
        assert shown.returncode == 0
        assert "run 1 of" not in shown.stderr
        assert done(reports) == after


def finish_within(child: subprocess.Popen[str], seconds: float) -> tuple[int, str, str]:
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        pytest.fail(f"it does not end: {err}")
    assert "Traceback" not in err
    return child.returncode, out, err


def test_ctrl_c_leaves_at_once_and_says_how_to_go_on(tmp_path: Path) -> None:
    client = start(*SHORT, "--local-cluster", "1", reports=tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    wait_until(lambda: any((tmp_path / "cache" / "ortprof" / "fleet").glob(".run-*/.partial-*")), 150)
    client.send_signal(signal.SIGINT)
    code, _, err = finish(client)
    assert code == 130
    assert "the same command goes on from there" in err
    assert [
        path for path in (tmp_path / "cache" / "ortprof" / "fleet").iterdir() if path.name[:5] == ".run-"
    ] == []


def test_a_scheduler_that_is_none_is_bad_input(tmp_path: Path) -> None:
    done = run(*SHORT, "--cluster", "nonsense://", reports=tmp_path)
    assert done.returncode == 2
    assert "no scheduler's address" in done.stderr


def test_a_worker_waits_for_its_scheduler_and_ends_when_told(tmp_path: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [str(ORTPROF), "worker", address],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith(f"no scheduler at {address} yet")
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
        assert child.stderr.read() == ""


def test_tls_without_keys_is_said(tmp_path: Path) -> None:
    done = run(*SHORT, "--cluster", "tls://127.0.0.1:1", reports=tmp_path)
    assert done.returncode == 2
    assert "names no keys" in done.stderr
