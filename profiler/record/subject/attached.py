"""A subject that is somebody else's: processes that run already. They are watched, and nothing else."""

from __future__ import annotations

import contextlib
import select
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from profiler.errors import OrtprofError, UsageError
from profiler.record.container.mapped import copy_mapped
from profiler.record.counters import snapshot, together
from profiler.record.limit.confinement import Throttled
from profiler.record.marks.listener import READ_EVERY_S, Listener
from profiler.record.target.examined import Alive, alive, examine_process
from profiler.record.target.family import descendants
from profiler.run.doubt import Doubt
from profiler.run.manifest import Phase
from profiler.run.processes import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiler.record.logs.request_log import RequestLog
    from profiler.record.operators_phase import OperatorSession
    from profiler.record.probes.run_probes import RunProbes
    from profiler.record.subject.subject import Watching
    from profiler.run.attached import Target
    from profiler.run.directory import RunDirectory
    from profiler.run.phase_counters import Snapshot
    from profiler.run.request import Request

LAST_PHASE = "profile"
COUNT_SECONDS = 1.0
"""How often counters are read in between: of a process that ends, the last reading is what there is."""


@dataclass(slots=True)
class Attached:
    """Processes that were found, and with `follow` those that they start."""

    targets: list[Target]
    seconds: float
    follow: bool
    request_log: RequestLog | None = None
    """A log that requests are written into; None: nobody named one."""
    probes: RunProbes | None = None
    """Probes on `Run`; None: nobody asked for them."""
    measure_seconds: float = 0.0
    """Before that, of a phase in which nothing is attached."""
    over: Callable[[], bool] = lambda: False
    """Whether there is nothing more to see, although processes live on."""
    unexamined: Sequence[int] = ()
    """Named processes that ended before anything was known of them."""
    log: None = None
    _identities: dict[int, Alive] = field(default_factory=dict)
    _last: dict[int, Snapshot] = field(default_factory=dict)
    """The last reading of each process."""
    _listener: Listener = field(default_factory=Listener)
    _unread: list[Doubt] = field(default_factory=list)
    _ended_ns: dict[int, int] = field(default_factory=dict)
    _missed: list[Target] = field(default_factory=list)
    """Those that ended before the first phase."""
    _began_ns: int | None = None
    """When the first phase did."""

    def __post_init__(self) -> None:
        """Note who they are, those included that have ended since they were found.

        Listened to is from here on, so that they mark their requests once the phase begins.
        """
        self._identities = {target.pid: _identity(target.pid) for target in self.targets}
        self._listener.watch(self._identities)

    def living(self) -> list[int]:
        """Return who lives, children that were born meanwhile too; `ProcessLookupError` where nobody does.

        Of those that ended before the first phase there is nothing to tell: they are targets no more. Where
        none that is left runs ONNX Runtime, somebody must be followed who may come to.
        """
        self._join()
        self._look()
        living = [target for target in self.targets if target.pid not in self._ended_ns]
        if not living or not (self.follow or any(target.runtimes for target in living)):
            raise ProcessLookupError("the attached processes have ended")
        if self._began_ns is None:
            self._missed += [target for target in self.targets if target.pid in self._ended_ns]
            self.targets = living
        return [target.pid for target in living]

    @property
    def ended(self) -> list[int]:
        """Who has ended, whenever it was, as far as was looked."""
        known = [target.pid for target in (*self._missed, *self.targets) if target.pid in self._ended_ns]
        return [*self.unexamined, *known]

    @property
    def processes(self) -> tuple[Process, ...]:
        """Return them without callers and pools: those are told by observation, once it is over."""
        return tuple(Process(target.pid, [], []) for target in self.targets)

    @property
    def phases(self) -> list[tuple[str, float]]:
        """Return the phases that can be had."""
        return [("measure", self.measure_seconds), (LAST_PHASE, self.seconds)]

    @property
    def files_root(self) -> Path:
        """Return their root: the machine's own, or a container's by one of them that still runs."""
        for target in self.targets:
            if target.contained and self._identities[target.pid].still:
                return Path(f"/proc/{target.pid}/root")
        return Path("/")

    def snapshot(self) -> Snapshot:
        """Read all counters now, of ended processes the last; `ProcessLookupError` where none ever was."""
        self._count()
        if not self._last:
            raise ProcessLookupError("the attached processes have ended")
        # It is about this instant, however long ago somebody ended: a phase is as long as it was.
        return msgspec.structs.replace(together(self._last), time_ns=time.monotonic_ns())

    def _count(self) -> None:
        for pid, identity in self._identities.items():
            if pid not in self._ended_ns and identity.still:
                with contextlib.suppress(ProcessLookupError):
                    self._last[pid] = snapshot(pid)

    def pass_phase(
        self, name: str, seconds: float, watching: Watching, *, most_requests: int | None = None
    ) -> Phase:
        """Let the time go by, or less where all processes end or somebody wants it to end.

        Requests are those that processes mark or a log tells of, where they begin and end in the phase.
        """
        del most_requests  # nobody can be told to make fewer
        start_ns = time.monotonic_ns()
        began_ns = self._began_ns = self._began_ns or start_ns

        def tell_of_requests() -> None:
            requests = [request for request in self._seen(name) if request.start_ns >= start_ns]
            if requests:
                watching.on_requests(requests)

        deadline = start_ns + round(seconds * 1e9)
        counted_ns, stopped = start_ns, False
        while (left_ns := deadline - time.monotonic_ns()) > 0:
            stopped, anybody = watching.stop_requested(), self._look()
            if stopped or not anybody or self.over():
                break
            if time.monotonic_ns() - counted_ns >= COUNT_SECONDS * 1e9:
                counted_ns = time.monotonic_ns()
                self._join()
                self._count()
                self._listener.watch(self._identities)
                if self.probes is not None:
                    self.probes.watch(self.targets)
            watching.on_wait()
            select.select([], [], [], min(READ_EVERY_S, left_ns / 1e9))
            tell_of_requests()
        self._join()
        tell_of_requests()  # of processes that have ended, too
        if name == LAST_PHASE or stopped:
            self._listener.close()
        if self.request_log is not None:
            try:
                watching.on_requests(self.request_log.read(name, start_ns, time.monotonic_ns()))
            except UsageError as error:  # too late to be asked for another
                self._unread.append(Doubt("the log of requests", error.message, error.hint or ""))
        self.targets = [self._as_it_ended(target, began_ns) for target in self.targets]
        return Phase(name, start_ns, time.monotonic_ns(), stopped=stopped)

    def _seen(self, phase: str) -> list[Request]:
        """Return the requests that ended: as processes mark them, and of others as probes see them."""
        marked = self._listener.read(phase)
        probed = [] if self.probes is None else self.probes.read(phase)
        return marked + [request for request in probed if request.process not in self.marking]

    @property
    def marking(self) -> frozenset[int]:
        """The processes that mark their requests."""
        return self._listener.processes

    def _look(self) -> bool:
        """Note who has ended; whether anybody has not."""
        for pid, identity in self._identities.items():
            if pid not in self._ended_ns and not identity.still:
                self._ended_ns[pid] = time.monotonic_ns()
        return len(self._ended_ns) < len(self._identities)

    def _join(self) -> None:
        """Take in the children that were born meanwhile; perf's events are theirs from birth."""
        if not self.follow:
            return
        for pid in descendants(self._identities):
            if pid not in self._identities:
                with contextlib.suppress(OrtprofError, ProcessLookupError):
                    self._identities[pid] = alive(pid)
                    process = examine_process(pid)
                    joined = self._began_ns is not None
                    self.targets.append(msgspec.structs.replace(process, joined=joined))

    def _as_it_ended(self, target: Target, began_ns: int) -> Target:
        ended_ns = self._ended_ns.get(target.pid)
        if ended_ns is not None:
            return msgspec.structs.replace(target, ended_seconds=(ended_ns - began_ns) / 1e9)
        if target.runtimes:
            return target
        # A child that was born in the middle may have imported ONNX Runtime since.
        with contextlib.suppress(OrtprofError):
            now = examine_process(target.pid)
            return msgspec.structs.replace(now, joined=target.joined or bool(now.runtimes))
        return target

    @contextlib.contextmanager
    def sampling_limit(self) -> Iterator[Throttled]:
        """Watch nothing: a limit that is there is somebody else's, and shown by its figures."""
        yield Throttled()

    def keep_files(self, folder: Path) -> list[Doubt]:
        """Copy a container's libraries; return what could not be."""
        doubts = []
        for target in self.targets:
            if not target.contained:
                continue
            try:
                failed = copy_mapped(target.pid, folder)
            except OSError as error:
                doubts.append(Doubt(f"the libraries of process {target.pid}", str(error), NAMELESS))
                continue
            doubts += [Doubt(f"the container's {path}", why, NAMELESS) for path, why in failed.items()]
        return doubts

    def open_operators(self, run: RunDirectory) -> OperatorSession:
        """Raise: `phases` has no `operators`."""
        raise NotImplementedError(f"{run.run_id}: an attached process opens no session for us")

    @property
    def doubts(self) -> Sequence[Doubt]:
        """What did not go as it was asked for."""
        ended = [target for target in self.targets if target.ended_seconds is not None]
        missed = [*self.unexamined, *(target.pid for target in self._missed)]
        return (
            [Doubt(f"process {pid}", "it ended before anything was recorded") for pid in missed]
            + [
                Doubt(
                    f"process {target.pid} to the end",
                    f"it ended {target.ended_seconds:.1f} s into the recording; CPU time of its last "
                    "second may be missing",
                )
                for target in ended
            ]
            + self._lost_requests()
        )

    def _lost_requests(self) -> list[Doubt]:
        if self.probes is not None and (self.probes.lost or self.probes.refused):
            why = (
                f"the kernel had no room for {self.probes.lost} of them, and for {self.probes.refused} probes"
            )
            self._unread.append(Doubt("some calls of Run", why, "mark requests (`ortprof marks`)"))
        lost = self._listener.lost
        if not lost:
            return self._unread
        why = "they ended faster than marks are read, or the program overwrote them"
        return [*self._unread, Doubt(f"{lost} marked requests", why)]


def _identity(pid: int) -> Alive:
    """Return who has this number now; where nobody has, somebody who is not there."""
    try:
        return alive(pid)
    except ProcessLookupError:
        return Alive(pid, NOBODY)


NOBODY = -1
"""When no process started."""
NAMELESS = "functions in them have no names, and stacks end there"
