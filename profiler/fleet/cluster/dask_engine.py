"""A Dask cluster as an engine: `distributed.Client`, made anew whenever the scheduler comes back."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec

from profiler.errors import MachineError, UsageError
from profiler.fleet.cluster import on_worker
from profiler.fleet.cluster.engine import Finished
from profiler.fleet.cluster.messages import Description, TaskOutcome
from profiler.fleet.cluster.worker import RESOURCE, TUNED, quiet, require_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.fleet.cluster.messages import ModelFile, Task

CHUNK = 16 << 20
"""Bytes of a model that are sent at once."""
LOOK_SECONDS = 2.0
ANSWER_SECONDS = 20.0
"""How long a scheduler or a worker may owe an answer; a first one may have to import ONNX Runtime."""


class DaskEngine:
    """The workers of one scheduler that `ortprof worker` started, or that have its resource."""

    def __init__(self, address: str, warn: Callable[[str], None]) -> None:
        require_address(address, "client")
        quiet()
        self._address = address
        self._warn = warn
        self._client: Any = None
        self._known: dict[str, Description] = {}
        self._futures: dict[str, tuple[str, Any]] = {}
        """Address and future of each task that is under way, by its key."""
        self._ended: queue.Queue[Finished] = queue.Queue()
        self._left_out: set[str] = set()
        self._silent = False
        self._looked = 0.0

    def machines(self) -> dict[str, Description]:
        """Return the workers that can be reached now; none while there is no scheduler.

        Asked again at once, it says the same: who is there takes a scheduler of 1,000 workers a megabyte.
        """
        if self._connection_holds and time.monotonic() - self._looked < LOOK_SECONDS:
            return dict(self._known)
        try:
            workers = self._ask(self._connected().scheduler.identity, n_workers=-1)["workers"]
        except (OSError, asyncio.TimeoutError, ValueError, RuntimeError, AttributeError) as error:
            self._drop(error)
            return {}
        ready = {address for address, worker in workers.items() if self._has_resource(address, worker)}
        for key, (address, future) in [*self._futures.items()]:
            if address not in ready:
                self._end(key, Finished(address, key, None))
                future.cancel(force=True)
        self._known = {address: known for address, known in self._known.items() if address in ready}
        self._known |= self._described(sorted(ready - self._known.keys()))
        self._looked = time.monotonic()
        return dict(self._known)

    def bring(self, address: str, model: ModelFile, path: Path) -> None:
        """Send a model that the worker has not; `MachineError` where it did not arrive."""
        name = msgspec.msgpack.encode(model)
        if self._on_worker(address, on_worker.has_model, name):
            return
        size = path.stat().st_size
        with path.open("rb") as file:
            for offset in range(0, max(size, 1), CHUNK):
                content = file.read(CHUNK)
                last = offset + len(content) >= size
                self._on_worker(address, on_worker.add_model, name, offset, content, last)
        if not self._on_worker(address, on_worker.has_model, name):
            raise MachineError(f"model {model.name} did not arrive at {address}")

    def submit(self, address: str, task: Task) -> None:
        """Have a worker do a task; one that can't be reached any more is told by `finished`."""
        try:
            future = self._connected().submit(
                on_worker.run_cell,
                msgspec.json.encode(task),
                # Never the same for two requests: Dask would give the second what became of the first.
                key=f"{task.key}-{secrets.token_hex(4)}",
                workers=[address],
                allow_other_workers=False,
                resources={RESOURCE: 1},
                retries=0,
                pure=False,
            )
        except (OSError, asyncio.TimeoutError, ValueError, RuntimeError) as error:
            self._ended.put(Finished(address, task.key, None))
            self._drop(error)
            return
        self._futures[task.key] = (address, future)
        future.add_done_callback(lambda done: self._done(address, task.key, done))

    def finished(self, seconds: float) -> list[Finished]:
        """Return the tasks that finished since the last call; wait so long for one."""
        ended = []
        with contextlib.suppress(queue.Empty):
            ended.append(self._ended.get(timeout=seconds))
            while True:
                ended.append(self._ended.get_nowait())
        return ended

    def forget(self, address: str, key: str) -> None:
        """Let a worker remove what it keeps of a task; where it is gone, it does so when it tidies up."""
        self._on_worker(address, on_worker.forget, key)

    def close(self) -> None:
        """Leave; what workers are doing they finish, and keep."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close(timeout=2)
            self._client = None

    def _connected(self) -> Any:
        if self._client is not None and self._client.status in ("closed", "closing"):
            self._drop(OSError("the connection was closed"))
        if self._client is None:
            import dask  # noqa: PLC0415  an extra
            from distributed import Client  # noqa: PLC0415  an extra

            with dask.config.set(TUNED):
                self._client = Client(
                    self._address, timeout=ANSWER_SECONDS / 4, set_as_default=False, name="ortprof"
                )
            if self._silent:
                self._warn(f"the scheduler at {self._address} is back")
            self._silent = False
        return self._client

    def _drop(self, error: BaseException) -> None:
        """Give up a connection; what was under way is told as lost."""
        if not self._silent:
            why = " ".join(str(error).split()) or type(error).__name__
            self._warn(f"no scheduler at {self._address} ({why}); trying on, Ctrl+C keeps what is finished")
        self._silent = True
        for key, (address, _) in [*self._futures.items()]:
            self._end(key, Finished(address, key, None))
        self._known = {}
        self.close()

    def _ask(self, function: Any, **arguments: Any) -> Any:
        async def answer() -> Any:
            return await asyncio.wait_for(function(**arguments), ANSWER_SECONDS)

        return self._client.sync(answer)

    def _on_worker(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a worker answers; None where it is gone."""
        try:
            return self._connected().run(function, *arguments, workers=[address])[address]
        except UsageError as error:
            raise MachineError(f"{address}: {error.message}") from error
        except (OSError, asyncio.TimeoutError, ValueError, RuntimeError, KeyError):
            return None
        except Exception as error:  # noqa: BLE001 - the worker's own: another ortprof, or none
            self._leave_out(address, _words(error))
            return None

    def _described(self, addresses: list[str]) -> dict[str, Description]:
        """Ask workers at once what they are; who is gone, or answers something else, is not among them."""
        descriptions: dict[str, Description] = {}
        if not addresses:
            return descriptions
        try:
            answers = self._connected().run(on_worker.describe, workers=addresses, on_error="return")
        except (OSError, asyncio.TimeoutError, ValueError, RuntimeError):
            return descriptions
        for address, answer in answers.items():
            if isinstance(answer, (OSError, asyncio.TimeoutError)):
                continue
            try:
                descriptions[address] = msgspec.msgpack.decode(answer, type=Description)
            except (msgspec.DecodeError, TypeError) as error:
                self._leave_out(address, _words(answer if isinstance(answer, Exception) else error))
        return descriptions

    def _has_resource(self, address: str, worker: dict[str, Any]) -> bool:
        if worker.get("resources", {}).get(RESOURCE, 0) >= 1:
            return address not in self._left_out
        self._leave_out(address, "it was not started by `ortprof worker`")
        return False

    def _leave_out(self, address: str, why: str) -> None:
        if address not in self._left_out:
            self._warn(f"{address} is left out: {why}")
        self._left_out.add(address)

    @property
    def _connection_holds(self) -> bool:
        return self._client is not None and self._client.status == "running"

    def _end(self, key: str, finished: Finished) -> None:
        if self._futures.pop(key, None) is not None:
            self._ended.put(finished)

    def _done(self, address: str, key: str, future: Any) -> None:
        """Take what became of a future; Dask calls this in a thread of its own."""
        if future.status == "finished":
            try:
                outcome = msgspec.msgpack.decode(future.result(), type=TaskOutcome)
            except (msgspec.DecodeError, OSError, asyncio.TimeoutError, RuntimeError) as error:  # on its way
                self._end(key, Finished(address, key, None, why=str(error)))
            else:
                self._end(key, Finished(address, key, outcome))
        elif future.status == "error":
            why = " ".join(str(future.exception()).split())
            self._end(key, Finished(address, key, None, why=why or "it failed"))
        else:
            self._end(key, Finished(address, key, None))


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
