"""One run of a command: started, waited for, profiled, reported, and left to itself until it ends."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from profiler.errors import (
    ExitCode,
    InterruptedRunError,
    MachineError,
    OrtprofError,
    UsageError,
    WorkloadError,
)
from profiler.execute.one_run import execute_attached
from profiler.injection import hooks as hooking
from profiler.injection import outcome
from profiler.injection.environment import environment
from profiler.injection.report import read_applied
from profiler.injection.settings import InjectedSettings
from profiler.listing.source_text import EVERYTHING, SourceOptions
from profiler.own_threads import inherited
from profiler.raising import raise_what_is_due
from profiler.record import capabilities, scope
from profiler.record.attach import AttachSpec, Circumstances
from profiler.record.command.client import LoadClient, other_cpus
from profiler.record.command.ready import MOST_SECONDS, ListenPatience, RuntimeLookout, cpu_ns, listens
from profiler.record.command.signals import PassedSignals
from profiler.record.command.started import StartedCommand
from profiler.record.limit import usable_cpus
from profiler.record.space import require_space
from profiler.record.temporary import temporary_folder
from profiler.run.cut_short import client_ended, command_ended
from profiler.run.program_name import program_name
from profiler.spec.ranges import ENDLESS_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from profiler.execute.finished_run import FinishedRun
    from profiler.injection.hooks import Hooks
    from profiler.record.monitor import Monitor
    from profiler.run.attached import Target
    from profiler.run.doubt import Doubt
    from profiler.run.injected import Injected
    from profiler.run.manifest import Phase
    from profiler.spec.configuration import SessionConfiguration, Setting

LOOK_SECONDS = 0.2
"""How often the command is looked at until it can be profiled."""
SAY_EVERY_S = 5.0
LAST_WORDS_SECONDS = 10.0
"""How long a command that somebody ends may take to write its own profile."""
ENDING_SECONDS = 1.0
"""How long a command that perf finds no thread of may take to be gone altogether."""
ENDLESS_BYTES = 1_000_000_000
"""perf's recording may then take so much."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """What to start, and how to profile it."""

    command: tuple[str, ...]
    attach: AttachSpec
    """Without processes; `seconds` of `ENDLESS_SECONDS`: until the command ends."""
    after_seconds: float
    startup_seconds: float
    """How long it may take until ONNX Runtime is mapped."""
    configuration: SessionConfiguration | None = None
    """What its sessions are given; None: nothing."""
    known: Mapping[str, Setting] = field(default_factory=dict)
    """Of the catalogue: what is known of session entries."""
    load: tuple[str, ...] = ()
    """A client's command."""
    stdout: int | None = None
    """Where its standard output goes; None: where ours does. So with `stderr`."""
    stderr: int | None = None
    to_the_end: bool = True
    """Whether it goes on when its profile is over; with a client it does not, whatever this says."""

    def client(self) -> LoadClient:
        """Return its client, not started yet."""
        return LoadClient(self.load, sys.stderr.fileno() if self.stderr is None else self.stderr)

    @property
    def endless(self) -> bool:
        """Whether the profile lasts as long as its command."""
        return self.attach.seconds >= ENDLESS_SECONDS


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How it ended."""

    finished: FinishedRun | None
    error: OrtprofError | None
    """Why there is no report."""
    command_code: int | None
    """The command's exit code, as a shell has it; None where we ended it, because its client had."""
    interrupted: bool
    """Whether a signal of the user's ended it."""

    @property
    def required_run(self) -> FinishedRun:
        """The run; `WorkloadError` where there is none."""
        if self.finished is None:
            raise WorkloadError("there is no run")
        return self.finished

    @property
    def exit_code(self) -> int:
        """The command's, unless it is 0 and there is no report."""
        return self.command_code or (ExitCode.DONE if self.error is None else self.error.exit_code)


def run_command(
    spec: CommandSpec,
    reports: Path,
    monitor: Monitor,
    *,
    source: SourceOptions = EVERYTHING,
    on_finished: Callable[[FinishedRun], None] = lambda _: None,
    on_error: Callable[[OrtprofError], None] = lambda _: None,
) -> CommandOutcome:
    """Start a command, profile it, and stay before it until it ends.

    `on_finished` and `on_error` are called as soon as it is known, while the command may go on. Raised is
    what keeps the command from being started: `UsageError`, `MachineError`.
    """
    capabilities.perf_version()
    capabilities.sampling_event()
    scope.require(spec.attach.scope)
    with _prepared(spec) as (hooks, child_environment), spec.client() as client:
        reports.mkdir(parents=True, exist_ok=True)
        require_space(reports)
        with PassedSignals(endless=spec.endless) as signals:
            raise_what_is_due()
            if signals.asked:
                raise KeyboardInterrupt
            command = StartedCommand(
                spec.command,
                child_environment,
                stdout=spec.stdout,
                stderr=spec.stderr,
            )
            signals.reach(command.send)
            run = _CommandRun(spec, command, client, signals, monitor, hooks)
            finished, error = None, None
            try:
                finished = run.profile(reports, source)
                on_finished(finished)
            except OrtprofError as failed:
                error = failed
                on_error(failed)
            except KeyboardInterrupt:
                error = InterruptedRunError("interrupted: there is no report")
                on_error(error)
            signals.working = False
            signals.pass_on()
            run.end()
            if not command.has_ended:
                monitor.step("the command goes on")
            code = command.wait()
        return CommandOutcome(finished, error, None if run.ended else code, interrupted=signals.asked)


@contextlib.contextmanager
def _prepared(spec: CommandSpec) -> Iterator[tuple[Hooks | None, dict[str, str] | None]]:
    """Put hooks in their places, while the command runs; nothing without settings."""
    if spec.configuration is None:
        yield None, None
        return
    with temporary_folder() as folder:
        folder.chmod(0o755)  # a service that becomes another user finds its hooks there
        hooks = hooking.prepare(folder / "settings")
        yield hooks, environment(InjectedSettings.of(spec.configuration), hooks, inherited())


@dataclass(slots=True)
class _CommandRun:
    """A command that runs, until its profile is over."""

    spec: CommandSpec
    command: StartedCommand
    client: LoadClient
    signals: PassedSignals
    monitor: Monitor
    hooks: Hooks | None
    ended: bool = False
    """Whether we ended it."""
    client_code: int | None = None
    """How its client ended, where that ended a phase."""

    @property
    def program(self) -> str:
        """What messages call the command."""
        return program_name(self.spec.command)

    def profile(self, reports: Path, source: SourceOptions) -> FinishedRun:
        """Wait for ONNX Runtime, profile, write the report."""
        self._await_runtime()
        self._start_client()
        self._pass(self.spec.after_seconds)
        spec = replace(self.spec.attach, pids=(self.command.pid,), follow=True, started=True)
        try:
            return execute_attached(
                spec,
                reports,
                self.monitor,
                source=source,
                circumstances=Circumstances(
                    self.signals,
                    self._over,
                    self.spec.configuration,
                    self._injected,
                    self._cut_short,
                    self._recorded,
                ),
                on_recorded=self.signals.pass_on,
            )
        except WorkloadError as error:
            if error.kept is None and self.signals.asked:
                raise InterruptedRunError("stopped before anything was recorded") from error
            raise
        except (MachineError, UsageError) as error:
            if error.kept is None:  # there may have been nobody to attach to
                self.command.wait_at_most(ENDING_SECONDS)
                if self.command.has_ended:
                    raise WorkloadError(f"{self.program} ended before its profile began") from error
            raise

    def end(self) -> None:
        """End the client, and the command where it is not to go on."""
        self.client.stop()
        ours = bool(self.spec.load) or not self.spec.to_the_end
        if ours and not self.command.has_ended and not self.signals.asked:
            self.ended = True
            self.command.end(self.monitor.step)

    def _recorded(self) -> None:
        """Let it end first where its sessions' own profiles are wanted: it writes them then."""
        if self.spec.attach.ort_profile is not None:
            self.signals.pass_on()
            self.end()
            if self.signals.asked:
                self.command.wait_at_most(LAST_WORDS_SECONDS)

    def _over(self) -> bool:
        if self.command.has_ended or self.signals.asked:
            return True
        code = self.client.exit_code
        if code is not None and self.client_code is None:
            self.client_code = code
            self.monitor.step(f"the client ended with exit code {code}")
        return code is not None

    def _cut_short(self, phases: Sequence[Phase]) -> list[Doubt]:
        if self.signals.asked:
            return []
        asked = [("measure", self.spec.attach.measure_seconds), ("profile", self.spec.attach.seconds)]
        if self.client_code is not None:
            return client_ended(self.client_code, self.client.restarts, asked, phases)
        return command_ended(self.program, asked, phases) if self.command.has_ended else []

    def _await_runtime(self) -> None:
        patience = self.spec.startup_seconds
        self.monitor.step(f"waiting for ONNX Runtime in the command, {patience:g} s at most")
        lookout = RuntimeLookout()
        began = said = time.monotonic()
        while not lookout.sees_any(self.command.family()):
            self._require_alive("before it used ONNX Runtime")
            now = time.monotonic()
            if now - began > patience:
                raise WorkloadError(
                    f"no ONNX Runtime was mapped within {patience:g} s: there is no profile of the command",
                    hint="--startup-timeout gives it longer; `ortprof attach PID --follow` profiles it later",
                )
            if now - said > SAY_EVERY_S:
                said = now
                self.monitor.step(f"waiting for ONNX Runtime, {now - began:.0f} of {patience:g} s")
            time.sleep(LOOK_SECONDS)

    def _start_client(self) -> None:
        """Start the client once the command listens, or has had its time to."""
        if not self.spec.load:
            return
        self.monitor.step(f"waiting for the command to listen on a TCP port, {MOST_SECONDS:g} s at most")
        patience, listening = ListenPatience(time.monotonic()), False
        while not (listening := listens(family := self.command.family())):
            self._require_alive("before its client was started")
            if patience.over(time.monotonic(), cpu_ns(family)):
                break
            time.sleep(LOOK_SECONDS)
        taken: set[int] = set()
        for pid in self.command.family():
            with contextlib.suppress(ProcessLookupError):
                taken |= usable_cpus.of_threads(pid)
        cpus = other_cpus(taken)
        where = (
            f"on CPU {', '.join(map(str, cpus))}" if cpus else "on the command's CPUs: there are no others"
        )
        unless = "" if listening else ", although the command listens on no TCP port"
        self.monitor.step(f"starting the client {where}{unless}")
        self.client.start(cpus)

    def _pass(self, seconds: float) -> None:
        """Let time go by before the profile; a client that is refused meanwhile is started again."""
        deadline = time.monotonic() + seconds
        patience = time.monotonic() + self.spec.startup_seconds
        while time.monotonic() < deadline or self.client.exit_code:
            self._require_alive("before its profile began")
            if self.client.exit_code is not None:
                if not self.client.exit_code or time.monotonic() > patience:
                    raise WorkloadError(
                        f"the client ended with exit code {self.client.exit_code} before the profile began",
                        hint="--load starts it without a shell; does it run by itself?",
                    )
                if self.client.start_again():
                    deadline = time.monotonic() + seconds
            time.sleep(LOOK_SECONDS)

    def _require_alive(self, when: str) -> None:
        if self.signals.asked:
            raise InterruptedRunError(f"stopped {when}")
        if self.command.has_ended:
            raise WorkloadError(f"{self.program} ended {when}")

    def _injected(self, targets: Sequence[Target]) -> tuple[Injected | None, list[Doubt]]:
        if self.hooks is None or self.spec.configuration is None:
            return None, []
        report = read_applied(self.hooks.folder)
        injected = outcome.outcome(
            report,
            InjectedSettings.of(self.spec.configuration),
            self.spec.known,
            [target.pid for target in targets if target.runtimes],
        )
        return injected, outcome.doubts(injected, self.hooks)
