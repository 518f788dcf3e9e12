"""A run as it goes on: its phases, with perf attached or not, and what they leave in the run directory."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files
from profiler.attribution.loading.leaf_decode import keep_leaves
from profiler.errors import MachineError
from profiler.record import capabilities, wait_cost, wait_events
from profiler.record.light import session as light_session
from profiler.record.light.session import LightSession
from profiler.record.limit import usable_cpus
from profiler.record.neighbour import SETTLE_SECONDS, NeighbourProcesses, alone_seconds, between, wait
from profiler.record.operators_phase import MOST_REQUESTS
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.scope import OthersMeter, ScopePlan, look
from profiler.record.scope import plan as plan_scope
from profiler.record.space import SizeBound, recording_bytes, room, sample_bytes_a_second
from profiler.record.stack_size import sample_stack_bytes
from profiler.record.subject.ort_warnings import warnings
from profiler.record.subject.subject import Watching
from profiler.record.watch import PhaseWatch
from profiler.run.doubt import Doubt
from profiler.run.manifest import Manifest, PerfSettings
from profiler.run.neighbour import Neighbour
from profiler.run.phase_counters import PhaseCounters
from profiler.spec.ranges import ENDLESS_SECONDS
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace import switch_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from profiler.record.interrupts import Interrupts
    from profiler.record.monitor import Monitor
    from profiler.record.subject.subject import Subject
    from profiler.run.directory import RunDirectory
    from profiler.run.neighbour import Stretch
    from profiler.run.request import Request


TRYING = "trying what perf may record here"
"""A step of five seconds, once in a process."""


def nothing() -> None:
    """Do nothing: the default of those who take somebody to call."""


@dataclass(slots=True)
class Recording:
    """A run as it goes on; `save` writes down what there is."""

    subject: Subject
    run: RunDirectory
    monitor: Monitor
    interrupts: Interrupts
    manifest: Manifest
    frequency_hz: int
    waits: Waits
    scope: Scope
    light: bool = False
    """Whether leaf addresses alone are sampled, without perf."""
    max_bytes: int | None = None
    """Of a recording of perf's; None for any size."""
    over: Callable[[], bool] = lambda: False
    """Whether there is nothing more to see, so that no further phase begins."""
    served: Counter[str] = field(default_factory=Counter)
    """How many requests of each phase were written down."""
    counters: dict[str, PhaseCounters] = field(default_factory=dict)
    neighbour: bool = False
    """Whether a CPU-bound program runs on the same CPUs in the measure phase."""
    others: float | None = None
    """CPU seconds a second of other processes on the subject's CPUs, in the last phase; None before one."""

    @property
    def pids(self) -> list[int]:
        """The subject's processes, on this machine, those that have ended too."""
        return [process.pid for process in self.subject.processes]

    def _update(self, **changes: Any) -> None:
        self.manifest = msgspec.structs.replace(self.manifest, **changes)

    @property
    def _stopping(self) -> bool:
        """Whether a phase that has not begun shall not begin."""
        return self.interrupts.requested or self.over()

    def execute(self) -> None:
        """Run the phases; a first interrupt ends the one that runs and leaves out those to come."""
        for name, seconds in self.subject.phases:
            if self._stopping:
                break
            if seconds:
                self._runner(name)(name, seconds)
        stopped = any(phase.stopped for phase in self.manifest.phases) or self.interrupts.requested
        unserved = [
            Doubt(
                f"{phase.unserved:,} requests of the {phase.name} phase",
                "they were due and never started: they arrive faster than they are served",
                "lower --rate, or find out what can be served with --arrivals closed",
            )
            for phase in self.manifest.phases
            if phase.unserved
        ]
        self._update(complete=not stopped, unavailable=[*self.manifest.unavailable, *unserved])

    def _runner(self, name: str) -> Callable[[str, float], None]:
        profile = self._profile_lightly if self.light else self._profile
        runners = {"profile": profile, "operators": self._operators}
        if self.neighbour:
            runners["measure"] = self._beside_neighbour
        return runners.get(name, self._phase)

    def _beside_neighbour(self, name: str, seconds: float) -> None:
        """Run the measure phase beside a neighbour; before and after, watch that beside the idle service."""
        alone = alone_seconds(seconds)
        with NeighbourProcesses(usable_cpus.of_threads(*self.pids)) as neighbour:
            before = self._idle(neighbour, alone)
            begin = neighbour.read()
            self._phase(name, seconds)
            beside = between(begin, neighbour.read())
            after = self._idle(neighbour, alone)
            self._update(neighbour=Neighbour(len(neighbour), [before, after], beside))
        self.others = None  # what it saw of others was the neighbour
        if self.worth_keeping():
            self.save()

    def _idle(self, neighbour: NeighbourProcesses, seconds: float) -> Stretch:
        """Watch the neighbour beside the open service that has no requests."""
        self.monitor.step("the neighbour beside the idle service")
        wait(SETTLE_SECONDS, lambda: self.interrupts.requested)
        begin = neighbour.read()
        wait(seconds, lambda: self.interrupts.requested)
        return between(begin, neighbour.read())

    def _phase(
        self,
        name: str,
        seconds: float,
        *,
        most_requests: int | None = None,
        bound: SizeBound | None = None,
        also: Callable[[], None] = nothing,
    ) -> None:
        """Run one phase; `also` is called often meanwhile."""
        pids = self.subject.living()
        watch = PhaseWatch(self.monitor, name, seconds, *pids)
        meter = OthersMeter(pids, usable_cpus.of_threads(*pids))
        begin = self.subject.snapshot()

        def on_requests(requests: Sequence[Request]) -> None:
            self._note(requests)
            watch.saw(requests)

        def stop_requested() -> bool:
            return self.interrupts.requested or (bound is not None and bound.check())

        def on_wait() -> None:
            watch.tick()
            also()

        watching = Watching(on_wait, on_requests, stop_requested)
        with self.subject.sampling_limit() as throttled:
            phase = self.subject.pass_phase(name, seconds, watching, most_requests=most_requests)
        self.counters[name] = PhaseCounters(begin, self.subject.snapshot(), throttled.result)
        with contextlib.suppress(ProcessLookupError):  # one that was attached to may end
            self.others = meter.read()
        phase = msgspec.structs.replace(phase, requests=self.served[name])
        if bound is not None and bound.reached and not self.interrupts.requested:
            phase = msgspec.structs.replace(phase, stopped=False)
            self._leave_out(name, seconds - (phase.end_ns - phase.start_ns) / 1e9, bound)
        self._update(phases=[*self.manifest.phases, phase])
        if self.worth_keeping():
            self.save()

    def _leave_out(self, name: str, seconds: float, bound: SizeBound) -> None:
        left = Doubt(
            f"the last {max(0.0, seconds):.1f} s of the {name} phase",
            f"{bound.path.name} had grown to the {(bound.most or 0) / 1e6:,.0f} MB of --max-size",
            "raise --max-size, or lower --frequency or --profile",
        )
        self._update(unavailable=[*self.manifest.unavailable, left])
        self.monitor.warn(f"{left.what} were not recorded: {left.why}")

    def _profile(self, name: str, seconds: float) -> None:
        self.monitor.step(TRYING)
        scope, pace = self._plan_scope(), wait_cost.pace_before(self.counters)
        recorded = wait_events.Recorded(
            scope.scope,
            self.frequency_hz,
            self._stack_bytes,
            seconds,
            # Nobody tells what pools and requests an attached process has.
            wait_events.OBSERVED_BY if self.manifest.attached is not None else frozenset(),
        )
        plan = wait_events.plan(self.waits, pace, recorded)
        settings = self._perf_settings(plan, scope)
        sampled = self._busy_cpus() + (self.others or 0.0 if settings.scope is Scope.CPUS else 0.0)
        needed = recording_bytes(settings, seconds, sampled, 0.0 if pace is None else pace.switches)
        space = room(self.run.path, needed, self.max_bytes)
        if space.missing:
            hint = (
                "free some space, shorten --profile, bound it (--max-size of record, run and attach), or "
                "choose another folder"
            )
            doubt = Doubt("the profile phase", space.missing, hint)
            self._update(unavailable=[*self.manifest.unavailable, doubt])
            self.monitor.warn(f"nothing is profiled: {space.missing}")
            return
        if space.warning and seconds < ENDLESS_SECONDS:
            self.monitor.warn(space.warning)
        if settings.scope is Scope.CPUS and self.manifest.keeps_perf_data:
            self.monitor.warn("perf.data will hold other processes' stacks too; its owner alone may read it")
        if self._stopping:  # while it was found out what perf may record
            return
        lost = self.subject.keep_files(self.run.mapped)
        command = self._attached(name, seconds, settings=settings, output=self.run.perf_data)
        if name not in self.counters:
            return
        self._update(perf=settings, commands={**self.manifest.commands, "perf record": command})
        self._update(unavailable=[*self.manifest.unavailable, *plan.doubts, *lost])

    def _profile_lightly(self, name: str, seconds: float) -> None:
        settings = light_session.plan(self.subject.living(), self.scope, self.frequency_hz)
        self._update(perf=settings)
        if self._stopping:
            return
        with LightSession(settings) as session:
            session.read(self.pids)  # what came before the phase is not its own
            session.restart()
            self._phase(name, seconds, also=lambda: session.poll(self.pids))
            session.read(self.pids)
        threads = self.counters[name].end.threads
        trace = session.trace({tid: thread.comm for tid, thread in threads.items()})
        self.monitor.step("reading the profiled libraries")
        keep_leaves(self.run, trace, self.subject.files_root)
        self._update(unavailable=[*self.manifest.unavailable, *session.doubts])

    def _busy_cpus(self) -> float:
        """Return the CPU seconds a second of the last phase; all CPUs where none ran."""
        last = next(reversed(self.counters.values()), None)
        if last is None or last.seconds <= 0:
            return float(self.manifest.host.cpus)
        return last.cpu_ns / 1e9 / last.seconds

    def _operators(self, name: str, seconds: float) -> None:
        self.monitor.step("opening a session with ONNX Runtime's profiler")
        session = self.subject.open_operators(self.run)
        # Off the CPU, the calling thread's times are all that is asked for here.
        asked = Waits.OFF if self.waits is Waits.OFF else Waits.SWITCHES
        settings = self._perf_settings(wait_events.WaitPlan(asked), self._plan_scope())
        output = self.run.operators_perf_data
        self._attached(name, seconds, settings=settings, output=output, most_requests=MOST_REQUESTS)
        if name not in self.counters:
            return
        self.monitor.step("reading ONNX Runtime's profile")
        recording, doubts = session.finish(settings)
        self._update(operators=recording, unavailable=[*self.manifest.unavailable, *doubts])

    @property
    def _stack_bytes(self) -> int:
        return sample_stack_bytes(self.manifest.ort.symbols, capabilities.buffer_pages())

    def _perf_settings(self, plan: wait_events.WaitPlan, scope: ScopePlan) -> PerfSettings:
        return PerfSettings(
            event=capabilities.sampling_event(),
            frequency_hz=self.frequency_hz,
            stack_bytes=self._stack_bytes,
            version=capabilities.perf_version(),
            waits=plan.waits,
            waits_reason=plan.reason,
            wait_events=list(plan.events),
            scope=scope.scope,
            scope_reason=scope.reason,
            scope_cpus=list(scope.cpus),
        )

    def _plan_scope(self) -> ScopePlan:
        pids = self.subject.living()
        cpus = usable_cpus.of_threads(*pids)
        return plan_scope(
            self.scope,
            cpus,
            lambda: look(pids, cpus) if self.others is None else self.others,
            sample_bytes_a_second(self.frequency_hz, self._stack_bytes),
            lambda: capabilities.watches_cpus(capabilities.sampling_event()),
        )

    def _attached(
        self,
        name: str,
        seconds: float,
        *,
        settings: PerfSettings,
        output: Path,
        most_requests: int | None = None,
    ) -> list[str]:
        """Run one phase under perf, unless it is to stop by then.

        Return perf's command line as one would type it in the run directory.
        """
        self.monitor.step("attaching perf")
        with contextlib.ExitStack() as stack:
            perf, command = self._sampling(stack, settings, output)
            bound = SizeBound(output, self.max_bytes)
            if not self._stopping:
                self._phase(name, seconds, most_requests=most_requests, bound=bound)
            perf.disable()
            perf.finish()
        self._mend(output)
        return self.run.shown(command)

    def _mend(self, output: Path) -> None:
        """Make readable what perf wrote while another recording saw the same switches."""
        if switch_ids.mend(output):
            doubt = Doubt(
                "a profile that nobody else disturbed",
                "another recording watched the same context switches meanwhile, and cost what one costs",
                "record when nobody else does",
            )
            self._update(unavailable=[*self.manifest.unavailable, doubt])

    def _sampling(
        self, stack: contextlib.ExitStack, settings: PerfSettings, output: Path
    ) -> tuple[PerfRecorder, list[str]]:
        """Return perf as it samples, until `stack` ends, and its command line.

        perf refuses all processes where one is gone: it is then started anew for those that are left.
        """
        pids = self.subject.living()
        while True:
            command = record_command(settings, pids, output, capabilities.buffer_pages())
            with contextlib.ExitStack() as starting:
                perf = starting.enter_context(PerfRecorder(command, self.run.path / "perf.log"))
                try:
                    perf.enable()
                except MachineError:
                    asked, pids = pids, self.subject.living()
                    if set(asked) <= set(pids):
                        raise
                else:
                    stack.enter_context(starting.pop_all())
                    return perf, command

    def worth_keeping(self) -> bool:
        """Whether there is more than a warm-up, from which nothing can be reported."""
        phases = {phase.name for phase in self.manifest.phases} | self.served.keys()
        return not phases <= {"warmup"}

    def _note(self, requests: Sequence[Request]) -> None:
        """Append requests to requests.jsonl as they come: whatever ends us, they are there."""
        self.served.update(request.phase for request in requests)
        try:
            with self.run.requests.open("ab") as file:
                file.write(msgspec.json.Encoder().encode_lines(list(requests)))
        except OSError as error:
            raise files.not_written(self.run.requests, error) from error

    def add_requests(self, requests: Sequence[Request], doubts: Sequence[Doubt]) -> None:
        """Note requests that became known when all phases were over, and what is to be said of them."""
        self._note(requests)
        counted = [
            msgspec.structs.replace(phase, requests=self.served[phase.name]) for phase in self.manifest.phases
        ]
        self._update(phases=counted, unavailable=[*self.manifest.unavailable, *doubts])

    def save(self) -> None:
        """Write counters.json and run.json, in this order: run.json makes it a run."""
        if self.subject.log is not None:
            self._update(warnings=warnings(self.subject.log.read_text(errors="replace")))
        self.run.requests.touch()
        files.write_json(self.run.counters, msgspec.to_builtins(self.counters, str_keys=True))
        files.write_json(self.run.manifest, msgspec.to_builtins(self.manifest))
