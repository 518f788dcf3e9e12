"""`attached` of run.json: processes that ran already, and what was found out about each from outside."""

from __future__ import annotations

from enum import Enum

import msgspec

from profiler.run.cpu_budget import Cpus
from profiler.run.ranges import Count, Seconds, ThreadId


class Origin(str, Enum):
    """How a process came by its ONNX Runtime."""

    WHEEL = "Python wheel"
    NODE = "Node package"
    JAVA = "Java package"
    LIBRARY = "shared library"
    BUILT_IN = "built into another file"


class MappedRuntime(msgspec.Struct, frozen=True):
    """A file with ONNX Runtime's code in it that a process has mapped."""

    path: str
    """As the process sees it."""
    origin: Origin
    version: str
    """Empty where neither the file nor what lies around it says."""
    build_id: str | None
    symbols: str
    """`none`, `symtab` or `dwarf`."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One process."""

    pid: ThreadId
    parent: Count
    command: str
    """Its program, and the script or module that an interpreter runs. No arguments: they may hold secrets,
    and reports are mailed."""
    python: str = ""
    """Version of its interpreter; empty where it has none, or does not say."""
    libc: str = ""
    """`glibc` or `musl`; empty for a static program."""
    contained: bool = False
    """It sees other files than this machine's: a container."""
    threads: Count
    """All of them, when it was found."""
    runtimes: list[MappedRuntime] = []
    others: list[str] = []
    """Other libraries that keep pools of threads: `libgomp`, `TBB`."""
    cpus: Cpus
    joined: bool = False
    """It was born, or mapped ONNX Runtime, while the recording went on."""
    ended_seconds: Seconds | None = None
    """How far into the recording it ended; None where it went on."""


class Attached(msgspec.Struct, frozen=True):
    """Who was profiled."""

    name: str
    """What the run is called."""
    followed: bool
    """Whether the processes' children belong to it, those that were born meanwhile included."""
    targets: list[Target]
    started: bool = False
    """Whether ortprof started them: `run` and `trial`."""

    @property
    def how(self) -> str:
        """How they came to be profiled, in a title."""
        if self.started:
            return "started by ortprof"
        return "attached, with children" if self.followed else "attached"

    @property
    def contained(self) -> bool:
        """Whether the processes' files are another file system's, so that the run keeps copies."""
        return any(target.contained for target in self.targets)

    @property
    def runtime_paths(self) -> frozenset[str]:
        """Files with ONNX Runtime's code, whatever they are called."""
        return frozenset(runtime.path for target in self.targets for runtime in target.runtimes)
