"""Hundreds of attaches to one service under load, some of them killed: nobody notices, and nothing is left.

`make test-attach-soak`; ATTACHES sets how many.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.program import ORTPROF
from tests.e2e.services import Service, loaded_service, write_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ATTACHES = int(os.environ.get("ATTACHES", "200"))
KILLED_EVERY = 10
SECONDS = ("0.5", "1", "1.5")
LATEST_KILL = 6.0
"""Seconds after its start: while it starts, records, decodes or writes."""
GONE_SECONDS = 20.0
ENDED_SECONDS = 180.0
RATE = 20.0
OUR_CACHE = re.compile(r"ortprof/(symbols/[\w.-]+\.(npz|symcache|verdicts)|templates/\w+\.bytecode)")
"""What ortprof keeps of libraries and pages, for all runs."""


class Answers:
    """Counts what the service's client gets, beside everything else."""

    def __init__(self, service: Service) -> None:
        self.counted: Counter[str] = Counter()
        self._service = service
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while line := self._service.next_answer():
            self.counted[line.rpartition(" ")[2]] += 1
        self.counted["ended"] += 1

    def wait_for_more(self, count: int) -> None:
        wanted, deadline = self.counted["200"] + count, time.monotonic() + 60
        while self.counted["200"] < wanted:
            assert time.monotonic() < deadline, f"the service answers no more: {self.counted}"
            time.sleep(0.05)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    model = write_model(tmp_path / "small.onnx")
    with loaded_service(model, tmp_path / "log", rate=RATE) as running:
        yield running


@pytest.mark.timeout(ATTACHES * 60 + 120)
def test_many_attaches_leave_a_service_alone_and_nothing_behind(service: Service, tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("reports", "tmp", "home", "cache", "cwd")}
    for place in places.values():
        place.mkdir()
    answers, chance = Answers(service), random.Random(0)  # noqa: S311  an order
    members = sorted(process.pid for process in family(service.pid))
    codes: Counter[str] = Counter()
    for number in range(ATTACHES):
        killed = number % KILLED_EVERY == KILLED_EVERY - 1
        mode = ("--light",) if number % 2 == 0 or (killed and number % 20 == KILLED_EVERY - 1) else ()
        with attach(service.pid, places, *mode, "--seconds", chance.choice(SECONDS)) as child:
            if killed:
                time.sleep(chance.uniform(0.2, LATEST_KILL))
                left = family(child.pid)[1:]
                child.kill()
                child.communicate()
                _, alive = psutil.wait_procs(left, timeout=GONE_SECONDS)
                assert alive == [], f"attach {number} left {alive}"
                codes["killed"] += 1
            else:
                _, said = child.communicate(timeout=ENDED_SECONDS)
                assert child.returncode == 0, said
                codes["light" if mode else "full"] += 1
    answers.wait_for_more(4)
    print(f"\n{dict(codes)} of {ATTACHES}; answers: {dict(answers.counted)}", file=sys.__stdout__)
    assert set(answers.counted) == {"200"}
    assert sorted(process.pid for process in family(service.pid)) == members
    assert perfs_of(places["reports"]) == []
    for name in ("tmp", "home", "cwd"):
        assert list(places[name].iterdir()) == [], name
    cached = [
        path.relative_to(places["cache"]).as_posix() for path in places["cache"].rglob("*") if path.is_file()
    ]
    assert [path for path in cached if not OUR_CACHE.fullmatch(path)] == []


def attach(pid: int, places: dict[str, Path], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(ORTPROF), "attach", str(pid), "--follow", *options, "--reports", str(places["reports"])],
        cwd=places["cwd"],
        env={
            **os.environ,
            "TMPDIR": str(places["tmp"]),
            "HOME": str(places["home"]),
            "XDG_CACHE_HOME": str(places["cache"]),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all that it started; empty where it is gone."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def perfs_of(reports: Path) -> list[str]:
    """Return the command lines of perfs that write below a folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        command = " ".join(process.info["cmdline"] or [])
        if process.info["name"] == "perf" and str(reports) in command:
            found.append(command)
    return found
