"""The workload's main loop: say hello, open sessions, run phases."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any, Dict, List

from .callers import Caller, make_callers
from .channel import Channel, ParentGoneError
from .elements import InputError
from .phase import Phase


class StageError(Exception):
    """Something failed at a stage that the parent knows how to explain."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage


def describe(error: BaseException) -> str:
    """Return an exception as Python's last traceback line shows it."""
    return "{}: {}".format(type(error).__name__, error) if str(error) else type(error).__name__


class Server:
    """Answers the parent's commands in order."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._onnxruntime: Any = None
        self._global_pools: Any = None
        self._services: List[Any] = []
        self._others: List[Caller] = []

    def serve(self) -> None:
        """Serve one parent until it says exit."""
        try:
            from . import session  # noqa: PLC0415 - what fails here is reported, not raised

            self._onnxruntime = session.import_onnxruntime()
            library = session.library_path()
            version = str(self._onnxruntime.__version__)
        except Exception as error:
            raise StageError("import", describe(error)) from error
        self._channel.send(
            event="hello",
            pid=os.getpid(),
            python=sys.version.split()[0],
            ort_version=version,
            ort_library=library,
            providers=self._onnxruntime.get_available_providers(),
        )
        while True:
            command = self._channel.receive()
            if command is None or command["command"] == "exit":
                return
            if command["command"] == "open":
                self._close()
                self._open(command)
            elif command["command"] == "end_profiling":
                self._end_profiling()
            elif command["command"] == "run":
                try:
                    Phase(self._channel, command, self._services, self._others).run()
                except ParentGoneError:
                    raise
                except Exception as error:
                    raise StageError("inference", describe(error)) from error

    def _close(self) -> None:
        """End the former sessions' callers, and with the sessions their pools."""
        for caller in self._others:
            caller.end()
        self._others, self._services = [], []

    def _open(self, command: Dict[str, Any]) -> None:
        """Create sessions, inputs and callers, run one inference each, say ready."""
        from . import session  # noqa: PLC0415 - needs onnxruntime

        asked = command.get("global_pool")
        if asked is not None and self._global_pools is None:
            try:
                self._global_pools = session.open_global_pool(self._onnxruntime, asked)
            except Exception as error:
                raise StageError("global pool", str(error)) from error
        opened = [self._open_one(asked_session, asked is not None) for asked_session in command["sessions"]]
        tids = [threading.get_native_id()]
        self._others = make_callers(sum(service.callers for service in self._services) - 1)
        tids += [caller.tid for caller in self._others]
        for service, described in zip(self._services, opened):
            described["callers"] = tids[: service.callers]
            tids = tids[service.callers :]
        self._channel.send(event="ready", pools=[] if asked is None else self._global_pools, sessions=opened)

    def _open_one(self, command: Dict[str, Any], shared: bool) -> Dict[str, Any]:
        """Open one session and run its first inference; return what `ready` says of it."""
        from . import session  # noqa: PLC0415 - as above
        from .feeds import Feeds  # noqa: PLC0415 - needs numpy

        try:
            model, pools = session.open_session(self._onnxruntime, command, shared)
        except Exception as error:
            raise StageError("session", describe(error)) from error
        try:
            feeds = Feeds(model.get_inputs(), command)
            infer = session.inference(self._onnxruntime, model, feeds.sets)
        except InputError as error:
            raise StageError("inputs", str(error)) from error
        began = time.monotonic_ns()
        try:
            infer(0)
        except Exception as error:
            raise StageError("inference", describe(error)) from error
        took = time.monotonic_ns() - began
        self._services.append(session.Service(model, infer, len(feeds.sets), feeds.order, command["callers"]))
        return {"pools": pools, "inputs": feeds.described(), "first_inference_ns": took}

    def _end_profiling(self) -> None:
        """Have the first session write what its profiler saw, and say where and on which clock."""
        from . import session  # noqa: PLC0415 - as above

        model = self._services[0].model
        start_ns = model.get_profiling_start_time_ns()
        path = os.path.abspath(model.end_profiling())
        realtime_ns, monotonic_ns = session.clocks_ns()
        self._channel.send(
            event="profile", path=path, start_ns=start_ns, realtime_ns=realtime_ns, monotonic_ns=monotonic_ns
        )


def main() -> int:
    """Serve the parent on stdin and stdout; exit code 0, or 1 after an error event."""
    channel = Channel()
    try:
        Server(channel).serve()
    except ParentGoneError:
        return 0
    except StageError as error:
        try:
            channel.send(event="error", stage=error.stage, message=str(error))
        except ParentGoneError:
            return 0
        return 1
    return 0
