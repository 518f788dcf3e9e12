"""What a client of 1,000 machines spends on a cell: its bookkeeping, with an engine whose cells take no time.

    python -m benchmarks.many_cells [WORKERS [CELLS ...]]

All workers are of one machine type, which is the worst case: they share one schedule. Each cell is a folder
with a file of two bytes. Pages are not written.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.fleet.cluster.engine import Finished
from profiler.fleet.cluster.messages import Description, ModelFile, TaskOutcome
from profiler.fleet.cluster.packing import pack
from profiler.fleet.fleet_record import create_fleet
from profiler.fleet.fleet_sweep import FleetSweep, Models
from profiler.fleet.machine_type import MachineType
from profiler.models.model_cache import PreparedModel
from profiler.record.monitor import Silent
from profiler.run.directory import RunDirectory
from profiler.spec.catalogue import load
from profiler.spec.study_file import make_study

if TYPE_CHECKING:
    from profiler.fleet.cluster.messages import Task


class Watching(Silent):
    """Says nothing of a study."""

    def run_begins(self, number: int, of: int, what: str, seconds_left: float | None) -> None:
        """Say nothing of a run."""


class Instant:
    """Workers that have done what they are asked at once."""

    def __init__(self, count: int, outcome: TaskOutcome) -> None:
        machine = MachineType("Some CPU", 8, "6.1", 2)
        known = Description(machine=machine, ortprof=version("ortprof"), ort="1.31.1", tuned=True)
        self._machines = {f"tcp://worker-{number}:1": known for number in range(count)}
        self._outcome = outcome
        self._ended: list[Finished] = []

    def machines(self) -> dict[str, Description]:
        """Return all."""
        return self._machines

    def bring(self, address: str, model: ModelFile, path: Path) -> None:
        """Have each model."""

    def submit(self, address: str, task: Task) -> None:
        """Do it."""
        self._ended.append(Finished(address, task.key, self._outcome))

    def finished(self, _seconds: float) -> list[Finished]:
        """Return what was done."""
        ended, self._ended = self._ended, []
        return ended

    def forget(self, address: str, key: str) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Have nothing open."""


def bookkeeping_ms(workers: int, cells: int) -> float:
    """Return the CPU milliseconds that a client takes for each cell."""
    with tempfile.TemporaryDirectory() as folder:
        reports, run = Path(folder, "reports"), RunDirectory(Path(folder, "run"))
        run.path.mkdir()
        run.manifest.write_bytes(b"{}")
        content = pack(run)
        outcome = TaskOutcome(pack=content, sha256=hashlib.sha256(content).hexdigest(), seconds=1.0)
        model = Path(folder, "tiny.onnx")
        model.write_bytes(b"model")
        files = {"tiny": ModelFile(hashlib.sha256(b"model").hexdigest(), "tiny.onnx")}
        models = Models({"tiny": PreparedModel(model, "tiny", "synthetic", None)}, files)
        configurations = ["spin-on", "spin-off", "single-thread", "spin-stop"]
        asked = {"name": "many", "configs": configurations, "models": ["tiny"], "repeat": cells // 4}
        study = make_study("test", asked)
        directory = create_fleet(reports, study, models.checksums)
        sweep = FleetSweep(directory, Instant(workers, outcome), Watching(), load(), models, 10.0)
        began = time.process_time()
        sweep._run()  # noqa: SLF001 - without the pages
        return (time.process_time() - began) / cells * 1e3


def main() -> None:
    """Print a line a size."""
    workers, *sizes = [int(text) for text in sys.argv[1:]] or [1000]
    for cells in sizes or [1000, 4000, 16000]:
        print(
            f"{workers} workers, {cells} cells: {bookkeeping_ms(workers, cells):.2f} ms of CPU a cell",
            flush=True,
        )


if __name__ == "__main__":
    main()
