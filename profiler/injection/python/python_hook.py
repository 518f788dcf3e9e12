"""Gives settings to every session that a Python program makes; sitecustomize.py loads it with ONNX Runtime.

What is wrapped is `InferenceSession.__init__` of the extension module, which every way to a session ends in:
`onnxruntime.InferenceSession`, its subclasses and pickled ones, the extension's own class. Python 3.8 and
later, ONNX Runtime 1.11 and later; the standard library alone. The program matters more than we: whatever
fails here is reported, and the session is made as the program asked.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

PREFIX = "ORTPROF_INJECTION_"
INTRA_OP, INTER_OP, MODE = "intra_op_num_threads", "inter_op_num_threads", "execution_mode"
LINES_MOST = 1000
"""That a process writes."""
FORKS_MOST = 200
"""Children of a process that report before they make a session: each takes a file."""
LINE_MOST = 4000
"""Bytes: a write of less than a page is not torn."""
PROBE = (
    b'\x08\x07:7\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x02\x10\r"
)
"""A model, y = x, of IR version 7 and opset 13."""
GLOBAL_POOLS = "global pools have no such setting in Python"


def wanted() -> dict[str, Any]:
    """Return the settings that the environment asks for, in the order in which they are set."""
    settings: dict[str, Any] = {}
    for key, variable in ((INTRA_OP, "THREADS"), (INTER_OP, "INTER_OP_THREADS")):
        if PREFIX + variable in os.environ:
            settings[key] = int(os.environ[PREFIX + variable])
    if PREFIX + "EXECUTION_MODE" in os.environ:
        settings[MODE] = os.environ[PREFIX + "EXECUTION_MODE"]
    number = 0
    while "%sENTRY_%d" % (PREFIX, number) in os.environ:
        key, _, value = os.environ["%sENTRY_%d" % (PREFIX, number)].partition(" ")
        settings[key] = value
        number += 1
    return settings


class Report:
    """This process's lines of JSON, each written at once; a forked child writes its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.lines = 0

    def write(self, event: str, **members: Any) -> None:
        """Append a line, unless there are too many, or it would be too long."""
        self.lines += 1
        if self.lines > LINES_MOST:
            return
        line = self.line(event, **members)
        if len(line) > LINE_MOST:
            line = self.line(
                "failure", why="what became of a session's settings is longer than a line may be"
            )
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        file = os.open(os.path.join(self.folder, "%d.jsonl" % os.getpid()), flags, 0o644)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    @staticmethod
    def line(event: str, **members: Any) -> bytes:
        """Return an event as the report's reader expects it."""
        record = {"event": event, "how": "python", "pid": os.getpid()}
        record.update(members)
        return json.dumps(record).encode() + b"\n"


class Hook:
    """One extension module, and what its sessions get."""

    def __init__(self, module: ModuleType, settings: dict[str, Any], report: Report) -> None:
        self.module = module
        self.settings = settings
        self.report = report
        self.new_session = module.InferenceSession.__init__
        self.refusals: dict[int, dict[str, str]] = {}
        """By the program's thread count: settings that this library takes no session with."""
        self.forks = 0
        self.own: weakref.WeakKeyDictionary[Any, dict[str, Any]] = weakref.WeakKeyDictionary()
        """By options: what the program had set before we did, as far as it has not set it since."""
        self.origin: dict[str, str] = {"library": str(getattr(module, "__file__", "")), "ort": ""}

    def hooked(self) -> None:
        """Report that ONNX Runtime is loaded, and that its sessions pass through here."""
        self.say("hooked")

    def forking(self) -> None:
        """Count the children, which are told by it whether they are too many to report."""
        self.forks += 1

    def forked(self) -> None:
        """Report of a child that has ONNX Runtime from its parent, and may or may not make sessions."""
        self.report.lines = 0
        if self.forks <= FORKS_MOST:
            self.hooked()

    def say(self, event: str, **members: Any) -> None:
        """Report, if that is possible; the package knows its version once it is imported."""
        try:
            package = sys.modules.get(self.module.__name__.partition(".capi.")[0])
            self.origin["ort"] = str(getattr(package, "__version__", "") or version(self.module))
            self.report.write(event, **dict(self.origin, **members))
        except Exception:
            pass

    def read(self, options: Any, key: str) -> Any:
        """Return a setting's value; None for an entry that is not there."""
        if key in (INTRA_OP, INTER_OP):
            return getattr(options, key)
        if key == MODE:
            return (
                "parallel"
                if options.execution_mode == self.module.ExecutionMode.ORT_PARALLEL
                else "sequential"
            )
        try:
            return options.get_session_config_entry(key)
        except RuntimeError:
            return None

    def set(self, options: Any, key: str, value: Any) -> None:
        """Set a setting; what the library says against it is raised."""
        if self.read(options, key) == value:
            return  # setting an entry once more would print a warning
        if key in (INTRA_OP, INTER_OP):
            setattr(options, key, value)
        elif key == MODE:
            modes = self.module.ExecutionMode
            options.execution_mode = modes.ORT_PARALLEL if value == "parallel" else modes.ORT_SEQUENTIAL
        else:
            options.add_session_config_entry(key, value)

    def refused(self, threads: int) -> dict[str, str]:
        """Return why settings can't be had, by key, from sessions of a model that is nothing.

        Options can't be copied in Python, nor entries taken back: what fails must never get into the
        program's.
        """
        if threads not in self.refusals:
            together = self.objection(self.settings, threads)
            objections = {} if together is None else self.objections(threads)
            # Together alone, if not each for itself: then none of them.
            self.refusals[threads] = (
                objections if objections or together is None else dict.fromkeys(self.settings, together)
            )
        return self.refusals[threads]

    def objections(self, threads: int) -> dict[str, str]:
        """Return what the library says against each setting by itself."""
        said = {key: self.objection({key: value}, threads) for key, value in self.settings.items()}
        return {key: why for key, why in said.items() if why is not None}

    def objection(self, settings: dict[str, Any], threads: int) -> str | None:
        """Return what the library says against a session with these settings; None for nothing."""
        try:
            options = self.module.SessionOptions()
            options.log_severity_level = 4
            options.intra_op_num_threads = threads
            for key, value in settings.items():
                self.set(options, key, value)
            session = self.module.InferenceSession.__new__(self.module.InferenceSession)
            self.new_session(session, options, PROBE, False, False)
        except Exception as error:
            return str(error)[:500]
        return None

    def apply(self, options: Any) -> dict[str, dict[str, str]]:
        """Set ours on a program's options; return what the report says of it."""
        before = {key: self.read(options, key) for key in self.settings}
        known = self.own.setdefault(options, {})
        own = {k: known[k] if k in known and v == self.settings[k] else v for k, v in before.items()}
        refused = dict(self.refused(options.intra_op_num_threads))
        if not getattr(options, "use_per_session_threads", True):
            refused = dict.fromkeys(self.settings, "the session uses the process's global pools")
        applied = {}
        for key, value in self.settings.items():
            if key in refused:
                continue
            try:
                self.set(options, key, value)
            except Exception as error:
                refused[key] = str(error)[:500]
            else:
                applied[key], known[key] = str(value), own[key]
        said = {key: str(value) for key, value in own.items() if value not in (None, 0, "sequential")}
        return {"applied": applied, "refused": refused, "own": said}

    def attempt(self, arguments: tuple[Any, ...]) -> dict[str, dict[str, str]] | None:
        """Apply to what a session is made with; None where that failed, which is reported."""
        try:
            if arguments and isinstance(arguments[0], self.module.SessionOptions):
                return self.apply(arguments[0])
            self.say("failure", why="a session is made with arguments that are not known here")
        except Exception as error:
            self.say("failure", why=repr(error)[:1000])
        return None

    def wrapper(self) -> Callable[..., None]:
        """Return the `__init__` that stands in for the extension's."""

        @functools.wraps(self.new_session)
        def __init__(session: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  the class's
            outcome = self.attempt(arguments)
            self.new_session(session, *arguments, **named)
            if outcome is not None:
                self.say("session", **outcome)

        return __init__

    def global_pools(self, set_sizes: Callable[[int, int], Any]) -> Callable[[int, int], None]:
        """Return the `set_global_thread_pool_sizes` that stands in for the extension's (1.32)."""

        @functools.wraps(set_sizes)
        def set_global_thread_pool_sizes(intra_op: int, inter_op: int) -> None:
            ours = self.settings.get(INTRA_OP, intra_op), self.settings.get(INTER_OP, inter_op)
            set_sizes(*ours)
            counts = {key: str(value) for key, value in self.settings.items() if key in (INTRA_OP, INTER_OP)}
            refused = {key: GLOBAL_POOLS for key in self.settings if key not in counts}
            own = {INTRA_OP: str(intra_op), INTER_OP: str(inter_op)}
            self.say("global-pools", applied=counts, refused=refused, own=own)

        return set_global_thread_pool_sizes


def version(module: ModuleType) -> str:
    """Return a version where the package does not say it yet: it is being imported."""
    return module.get_version_string() if hasattr(module, "get_version_string") else ""


def install(module: Any, report: Report) -> None:
    """Wrap what makes sessions in an extension module that was just loaded."""
    hook = Hook(module, wanted(), report)
    module.InferenceSession.__init__ = hook.wrapper()
    if hasattr(module, "set_global_thread_pool_sizes"):
        module.set_global_thread_pool_sizes = hook.global_pools(module.set_global_thread_pool_sizes)
    hook.hooked()
    os.register_at_fork(before=hook.forking, after_in_child=hook.forked)


def follow(spec: Any) -> None:
    """Wrap an extension module once it is loaded, whatever becomes of that."""
    loader, load = spec.loader, spec.loader.exec_module
    report = Report(os.environ[PREFIX + "FOLDER"])

    def exec_module(module: Any) -> None:
        load(module)
        try:
            del loader.exec_module  # it is the loader's class's again
            install(module, report)
        except Exception as error:
            try:
                report.write("failure", why=repr(error)[:1000])
            except Exception:
                pass

    loader.exec_module = exec_module
