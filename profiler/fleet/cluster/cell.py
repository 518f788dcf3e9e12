"""One run on a worker's machine, in a process of its own: `python -m profiler.fleet.cluster.cell KEY CPUS`.

Apart from Dask, so that a run ends well whatever becomes of the worker, and its signals are its own.
CPUS are those that the worker keeps to; this process has those of runs.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from profiler.errors import ExitCode, InterruptedRunError, NotWrittenError, OrtprofError
from profiler.execute.one_run import execute
from profiler.fleet.cluster.messages import Task, TaskOutcome
from profiler.fleet.cluster.packing import pack
from profiler.fleet.cluster.spool import Spool
from profiler.record.monitor import Silent
from profiler.record.run_spec import RunSpec
from profiler.run.cpu_budget import parse_cpu_list


def run(spool: Spool, key: str, worker_cpus: frozenset[int]) -> None:
    """Do a task, unless that was done meanwhile, and keep its outcome.

    `InterruptedRunError` and `NotWrittenError` are no outcome: the task is to be done anew.
    """
    with spool.machine():
        if spool.outcome_file(key).is_file():
            return
        task = spool.read_task(key)
        began = time.monotonic()
        try:
            packed = _recorded(task, spool, worker_cpus)
        except (InterruptedRunError, NotWrittenError):
            raise
        except OrtprofError as error:
            spool.write_outcome(key, TaskOutcome(why=" ".join(error.message.split())))
            return
        outcome = TaskOutcome(
            pack=packed,
            sha256=hashlib.sha256(packed).hexdigest(),
            seconds=time.monotonic() - began,
        )
        spool.write_outcome(key, outcome)


def _recorded(task: Task, spool: Spool, worker_cpus: frozenset[int]) -> bytes:
    spec = RunSpec(
        configuration=task.configuration,
        workload=msgspec.structs.replace(task.workload, model_path=str(spool.model(task.model))),
        settings=task.settings,
        python=sys.executable,
        frequency_hz=task.frequency_hz,
        limit=task.limit,
        startup_seconds=task.startup_seconds,
        worker_cpus=tuple(sorted(worker_cpus)),
    )
    with tempfile.TemporaryDirectory(dir=spool.path, prefix=".run-") as folder:
        finished = execute(spec, Path(folder), Silent(), name=task.run_id)
        if not finished.analysis.manifest.complete:
            raise InterruptedRunError("stopped before its end")
        return pack(finished.run)


if __name__ == "__main__":
    try:
        run(Spool.of_user(), sys.argv[1], parse_cpu_list(sys.argv[2]))
    except OrtprofError as error:
        sys.stderr.write(f"{error.message}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
