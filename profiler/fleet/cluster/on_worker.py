"""What a worker does when a client asks. Dask calls these functions by name, with bytes."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from importlib.metadata import version

import msgspec

from profiler import files, process
from profiler.errors import OrtprofError
from profiler.fleet.cluster.messages import Description, ModelFile, Task
from profiler.fleet.cluster.spool import Spool
from profiler.fleet.cluster.worker_cpus import starting_on
from profiler.fleet.machine_type import type_of
from profiler.record import host
from profiler.record.subject.startup import ort_version
from profiler.run.cpu_budget import cpu_list, parse_cpu_list

CHILDREN: set[asyncio.subprocess.Process] = set()
"""Runs that go on."""
RUNS_CPUS = "ortprof.runs-cpus"
"""The key of Dask's configuration that has the CPUs of a worker's runs; all of the worker's without."""


def runs_cpus() -> frozenset[int]:
    """Return the CPUs that runs have here."""
    import dask  # noqa: PLC0415 - the extra `cluster`

    listed = dask.config.get(RUNS_CPUS, None)
    return frozenset(os.sched_getaffinity(0)) if listed is None else parse_cpu_list(listed)


def describe() -> bytes:
    """Return an encoded `Description` of this worker."""
    import dask  # noqa: PLC0415 - the extra `cluster`

    return msgspec.msgpack.encode(
        Description(
            machine=msgspec.structs.replace(type_of(host.describe()), cpus=len(runs_cpus())),
            ortprof=version("ortprof"),
            ort=_ort_version(),
            tuned=not dask.config.get("distributed.worker.profile.enabled", True),
            keys=Spool.of_user().keys,
        )
    )


@functools.lru_cache(maxsize=1)
def _ort_version() -> str:
    try:
        return ort_version(sys.executable)
    except OrtprofError:
        return ""


def has_model(model: bytes) -> bool:
    """Whether an encoded `ModelFile` is here."""
    return Spool.of_user().has(msgspec.msgpack.decode(model, type=ModelFile))


def add_model(model: bytes, offset: int, content: bytes, last: bool) -> None:
    """Take a part of an encoded `ModelFile`."""
    Spool.of_user().add(msgspec.msgpack.decode(model, type=ModelFile), offset, content, last=last)


def forget(key: str) -> None:
    """Remove a run that the client has."""
    Spool.of_user().forget(key)


async def run_cell(content: bytes) -> bytes:
    """Do an encoded `Task`, and return its encoded `Outcome`; one that is done already is not repeated.

    `RuntimeError` where there is no outcome: the run was interrupted, or the machine lacks something.
    """
    task = msgspec.json.decode(content, type=Task)
    spool = Spool.of_user()
    outcome = spool.outcome_file(task.key)
    if not outcome.is_file():
        spool.path.mkdir(parents=True, exist_ok=True)
        files.write(spool.task_file(task.key), content)
        code = await _run_apart(spool, task.key)
        if not outcome.is_file():
            said = process.last_lines(spool.log_file(task.key).read_text(errors="replace"), 3)
            spool.forget(task.key)
            raise RuntimeError(" ".join(said) or f"the run's process ended with {code}")
    return files.content(outcome)


async def _run_apart(spool: Spool, key: str) -> int:
    log = os.open(spool.log_file(key), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        own = cpu_list(os.sched_getaffinity(0))
        with starting_on(runs_cpus()):
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "profiler.fleet.cluster.cell", key, own),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # the terminal's Ctrl+C is the worker's to pass on
            )
    finally:
        os.close(log)
    CHILDREN.add(child)
    try:
        return await child.wait()
    finally:
        if child.returncode is not None:
            CHILDREN.discard(child)
