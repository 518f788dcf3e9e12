"""The workload's main loop: say hello, open a session, run phases."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any, Callable, Tuple

from .channel import Channel, ParentGoneError
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

    def serve(self) -> None:
        """Serve one parent until it says exit."""
        try:
            from . import session  # noqa: PLC0415 - what fails here is reported, not raised

            onnxruntime = session.import_onnxruntime()
            library = session.library_path()
            version = str(onnxruntime.__version__)
        except Exception as error:
            raise StageError("import", describe(error)) from error
        self._channel.send(
            event="hello",
            pid=os.getpid(),
            python=sys.version.split()[0],
            ort_version=version,
            ort_library=library,
        )
        model: Any = None
        infer: Any = None
        while True:
            command = self._channel.receive()
            if command is None or command["command"] == "exit":
                return
            if command["command"] == "open":
                model = infer = None  # the former session's threads end with it
                model, infer = self._open(onnxruntime, command)
            elif command["command"] == "end_profiling":
                self._end_profiling(model)
            elif command["command"] == "run":
                try:
                    Phase(self._channel, command, infer).run()
                except ParentGoneError:
                    raise
                except Exception as error:
                    raise StageError("inference", describe(error)) from error

    def _open(self, onnxruntime: Any, command: Any) -> Tuple[Any, Callable[[], Any]]:
        """Create session and inputs, run one inference, say ready; return the session and the inference."""
        from . import session  # noqa: PLC0415 - as above
        from .inputs import InputError, make_inputs  # noqa: PLC0415 - needs numpy

        before = session.thread_ids()
        try:
            model = session.open_session(onnxruntime, command)
        except Exception as error:
            raise StageError("session", describe(error)) from error
        try:
            feed = make_inputs(
                model.get_inputs(), command["batch"], command["tokens"], command["dims"], command["seed"]
            )
        except InputError as error:
            raise StageError("inputs", str(error)) from error
        names = [output.name for output in model.get_outputs()]
        began = time.monotonic_ns()
        try:
            model.run(names, feed)
        except Exception as error:
            raise StageError("inference", describe(error)) from error
        self._channel.send(
            event="ready",
            calling_tid=threading.get_native_id(),
            pool_tids=sorted(session.thread_ids() - before),
            inputs=[
                {"name": node.name, "type": node.type, "shape": list(feed[node.name].shape)}
                for node in model.get_inputs()
            ],
            first_inference_ns=time.monotonic_ns() - began,
        )
        return model, lambda: model.run(names, feed)

    def _end_profiling(self, model: Any) -> None:
        """Have the session write what its profiler saw, and say where and on which clock."""
        from . import session  # noqa: PLC0415 - as above

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
